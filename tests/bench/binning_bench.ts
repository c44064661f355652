import type { Sample } from "../../core/contracts/estimator.ts";
import { testContext } from "../../core/testing.ts";
import { binning } from "../../plugins/estimators/binning.ts";
import { SMALL_NET, smallEngine } from "./small_net.ts";
import { timedAsync } from "./timing.ts";

/** The layers of the small net as the pipeline hands them to an estimator, with exact p(y|x). */
async function samples(): Promise<Sample[]> {
  const activations = (await smallEngine()).forwardData();
  const n = 4096;
  const pyx = Float64Array.from({ length: 2 * n }, (_, i) => i % 2 === 0 ? 0.3 : 0.7);
  const joint = { px: new Float64Array(n).fill(1 / n), pyx };
  const labels = new Uint8Array(n);
  return SMALL_NET.layers.map(({ units, activation }, index) => ({
    layer: index + 1,
    meta: { n, units, activation, exactJoint: true, classes: 2 },
    activations: { data: activations[index], shape: [n, units] },
    labels,
    joint,
  }));
}

/** Milliseconds to read all six layers through one codebook: count 30 on [−1, 1], and width 0.07. */
export async function binningMilliseconds(): Promise<{ count: number; width: number }> {
  const layers = await samples();
  const { ctx } = testContext();
  const read = (setting: Parameters<typeof binning.estimate>[1]) =>
    timedAsync(() => binning.estimateAll!(layers, [setting], ctx), { calls: 20, warmUp: 50 });
  return { count: await read({ count: 30, range: [-1, 1] }), width: await read({ width: 0.07 }) };
}
