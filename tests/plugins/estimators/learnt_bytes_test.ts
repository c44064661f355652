import type { Estimator } from "@infoplane/core";
import { root } from "@infoplane/core/testing";
import assert from "node:assert/strict";
import { decoder } from "../../../plugins/estimators/decoder.ts";
import { gaussian } from "../../../plugins/estimators/gaussian.ts";
import { gaussianMixture } from "../../../plugins/estimators/gaussian_mixture.ts";
import { infonce } from "../../../plugins/estimators/infonce.ts";
import { mineDv } from "../../../plugins/estimators/mine_dv.ts";
import { nwj } from "../../../plugins/estimators/nwj.ts";
import { smile } from "../../../plugins/estimators/smile.ts";
import { binormal, measured, sampleOf } from "../../oracles/samples.ts";

const CRITIC = { batch: 32, steps: 40 };

/** I(X;T) and I(T;Y) of one sample, as version 1 gives them on every machine; whoever changes them raises the version. */
const PINNED: [unknown, Record<string, unknown>, number | null, number | null][] = [
  [gaussian, {}, 1.3541137161082424, 0.729070207512196],
  [gaussianMixture, {}, 1.5922539995786242, 0.7318299279266364],
  [decoder, { steps: 40 }, null, 0.7910317967579996],
  [infonce, CRITIC, 0.9444390481468741, null],
  [nwj, CRITIC, 0.5178800845946268, null],
  [mineDv, CRITIC, 0.879263406460183, null],
  [smile, CRITIC, 0.6073234127917027, null],
];

for (const [estimator, options, ixt, ity] of PINNED) {
  const { id, version } = estimator as Estimator;
  Deno.test(`${id}: version ${version} gives the same bits everywhere`, async () => {
    const n = 200;
    const { x, t } = binormal(0.75, n, 2, root(2018));
    const labels = Uint8Array.from({ length: n }, (_, i) => Number(t[2 * i] > 0));
    const found = await measured(estimator, sampleOf(t, n, { inputs: x, labels }), options);
    assert.deepEqual([version, found.ixt?.bits ?? null, found.ity?.bits ?? null], [1, ixt, ity]);
  });
}
