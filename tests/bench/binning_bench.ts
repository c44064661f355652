import type { Sample } from "../../core/contracts/estimator.ts";
import { testContext } from "../../core/testing.ts";
import { binning } from "../../plugins/estimators/binning.ts";
import { type Figure, ms } from "./figure.ts";
import { engineOf, SMALL } from "./workloads.ts";
import { timedAsync } from "./timing.ts";

/** The layers of the small net as the pipeline hands them to an estimator, with exact p(y|x). */
async function samples(): Promise<Sample[]> {
  const activations = (await engineOf(SMALL)).forwardData();
  const n = 4096;
  const pyx = Float64Array.from({ length: 2 * n }, (_, i) => i % 2 === 0 ? 0.3 : 0.7);
  const joint = { px: new Float64Array(n).fill(1 / n), pyx };
  const labels = new Uint8Array(n);
  return SMALL.net.layers.map(({ units, activation }, index) => ({
    layer: index + 1,
    meta: { n, units, activation, exactJoint: true, classes: 2 },
    activations: { data: activations[index], shape: [n, units] },
    labels,
    joint,
  }));
}

/** Reading all six layers through one codebook, against the time R of one step. */
export async function binningFigures(step: number): Promise<Figure[]> {
  const layers = await samples();
  const { ctx } = testContext();
  const read = (setting: Parameters<typeof binning.estimate>[1]) =>
    timedAsync(() => binning.estimateAll!(layers, [setting], ctx), { calls: 20, warmUp: 50 });
  const figures = (id: string, name: string, value: number): Figure[] => [
    ms(`binning.${id}.ms`, `binning of all six layers, 4096 patterns, ${name}`, value),
    {
      ...{ id: `binning.${id}`, name: `binning, ${name} / R`, value: value / step, unit: "R" },
      must: { relation: "<=", bound: 6 },
    },
  ];
  return [
    ...figures("count", "30 bins", await read({ count: 30, range: [-1, 1] })),
    ...figures("width", "width 0.07", await read({ width: 0.07 })),
  ];
}
