import { join } from "node:path";
import type { Sample } from "../../core/contracts/estimator.ts";
import { writeNpy } from "../../core/store/npy.ts";
import { testContext } from "../../core/testing.ts";
import { binning } from "../../plugins/estimators/binning.ts";
import { type Bound, type Figure, ms, times } from "./figure.ts";
import { runPeer } from "./peers.ts";
import { engineOf, SMALL } from "./workloads.ts";
import { timedAsync } from "./timing.ts";

type Setting = Parameters<typeof binning.estimate>[1];

const PUBLISHED: Setting = { preset: "as-published" };
const { ctx } = testContext();

/** The layers of the small net as the pipeline hands them to an estimator, with exact p(y|x) or with labels alone. */
async function samples(exact: boolean): Promise<Sample[]> {
  const activations = (await engineOf(SMALL)).forwardData();
  const n = 4096;
  const pyx = Float64Array.from({ length: 2 * n }, (_, i) => i % 2 === 0 ? 0.3 : 0.7);
  const joint = exact ? { px: new Float64Array(n).fill(1 / n), pyx } : undefined;
  return SMALL.net.layers.map(({ units, activation }, index) => ({
    layer: index + 1,
    meta: { n, units, activation, exactJoint: exact, classes: 2 },
    activations: { data: activations[index], shape: [n, units] },
    labels: SMALL.labels,
    joint,
  }));
}

/** Milliseconds to read all layers through one codebook. */
function timeOf(layers: readonly Sample[], setting: Setting): Promise<number> {
  return timedAsync(() => binning.estimateAll!(layers, [setting], ctx), { calls: 20, warmUp: 50 });
}

/** Reading all six layers through one codebook, against the time R of one step. */
export async function binningFigures(step: number): Promise<Figure[]> {
  const layers = await samples(true);
  const figures = async (id: string, name: string, setting: Setting, bound = 6): Promise<Figure[]> => {
    const must: Bound = { relation: "<=", bound };
    const value = await timeOf(layers, setting);
    return [
      ms(`binning.${id}.ms`, `binning of all six layers, 4096 patterns, ${name}`, value),
      { id: `binning.${id}`, name: `binning, ${name} / R`, value: value / step, unit: "R", must },
    ];
  };
  return [
    ...await figures("count", "30 bins", { count: 30, range: [-1, 1] }),
    ...await figures("width", "width 0.07", { width: 0.07 }),
    ...await figures("published", "as published", PUBLISHED),
    ...await figures("layer-range", "30 bins on each layer's range", { codebook: "layer-range", count: 30 }),
    ...await figures("unique-values", "unique values", { codebook: "unique-values" }),
    // Sorts every unit.
    ...await figures("equal-mass", "30 bins of equal mass", { codebook: "equal-mass", count: 30 }, 50),
  ];
}

/** The same layers, with labels, through the published codebook: the published NumPy recipe's time over ours. */
export async function binningPeers(): Promise<{ figures: Figure[]; skipped: string[] }> {
  const layers = await samples(false);
  const dir = await Deno.makeTempDir({ prefix: "infoplane_" });
  try {
    const paths = [join(dir, "labels.npy"), ...layers.map(({ layer }) => join(dir, `layer${layer}.npy`))];
    await Deno.writeFile(paths[0], writeNpy({ data: SMALL.labels, shape: [SMALL.labels.length] }));
    for (const { layer, activations: { data, shape } } of layers) {
      await Deno.writeFile(paths[layer], writeNpy({ data, shape }));
    }
    const numpy = await runPeer("binning.py", ...paths);
    if ("absent" in numpy) return { figures: [], skipped: [`NumPy, binning: ${numpy.absent}`] };
    await assertSame(layers, numpy.bits as readonly number[]);
    const own = await timeOf(layers, PUBLISHED);
    return {
      figures: [
        ms("binning.numpy.ms", `the same six layers, as published, in NumPy ${numpy.version}`, +numpy.ms),
        times("binning.numpy", "NumPy / ours, binning as published with labels", +numpy.ms / own, 10, 20),
      ],
      skipped: [],
    };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Throws where the two programs did not do the same: I(X;T) and I(T;Y) of every layer agree to rounding. */
async function assertSame(layers: readonly Sample[], bits: readonly number[]): Promise<void> {
  for (const [i, [found]] of (await binning.estimateAll!(layers, [PUBLISHED], ctx)).entries()) {
    if (found.status !== "measured") throw new Error(`Cannot compare layer ${i + 1}: ${found.reason}`);
    [found.ixt!.bits, found.ity!.bits].forEach((own, j) => {
      const theirs = bits[2 * i + j];
      if (!(Math.abs(own - theirs) < 1e-9)) {
        throw new Error(
          `Cannot compare with NumPy as layer ${i + 1} must agree: it has ${theirs} bits, we have ${own}`,
        );
      }
    });
  }
}
