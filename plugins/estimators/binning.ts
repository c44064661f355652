import { defineEstimator, type Estimate, type Estimator, type Joint, type Sample, whyMisshapen } from "@infoplane/core";
import { type Binner, type Codebook, createBinner, type Kernels, loadKernels } from "@infoplane/core/kernels";
import { log2, saturationLimits } from "@infoplane/core/numerics";
import { z } from "zod";

/** A point within this of the ceiling says little but that the codebook is too fine for the rows (SCIENCE: bits). */
const NEAR_CEILING_BITS = 0.5;

const options = z.strictObject({
  count: z.number().int().min(1).max(65536).optional().describe("equal bins on the range; 30 unless told otherwise"),
  range: z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, "must ascend").optional()
    .describe("activations outside are an error; [-1, 1] unless told otherwise"),
  width: z.number().positive().optional().describe(
    "bins of this width from 0 on, however many; instead of count and range",
  ),
  preset: z.enum(["as-published"]).optional()
    .describe("as-published: the 30 edges of linspace(-1, 1, 30), which are 29 bins and a cell for t = 1"),
}).check(({ value: { count, range, width, preset }, issues }) => {
  const given = [count !== undefined || range !== undefined, width !== undefined, preset !== undefined];
  if (given.filter(Boolean).length > 1) {
    issues.push({
      code: "custom",
      input: { count, range, width, preset },
      message: "one codebook at a time, count on a range, width or preset",
    });
  }
}).transform(({ count, range, width, preset }): Setting => {
  if (preset !== undefined) return { preset };
  if (width !== undefined) return { width };
  return { count: count ?? 30, range: range ?? [-1, 1] };
});

type Setting =
  | { readonly count: number; readonly range: readonly [number, number] }
  | { readonly width: number }
  | { readonly preset: "as-published" };

/**
 * Discretises every unit and counts: I(X;T_b) = H(T_b), as the codebook is a function of x, and
 * I(T_b;Y) = H(Y) − H(Y|T_b), which is H(T_b) − Σ_y p(y) H(T_b|y).
 */
export const binning: Estimator<Setting> = defineEstimator({
  id: "binning",
  title: "Binning",
  description: "Entropy of the layer after each unit is cut into bins: that of the binned layer T_b, not of T, whose " +
    "information about X is H(X) wherever the net tells all inputs apart (Shwartz-Ziv and Tishby, arXiv:1703.00810; " +
    "Saxe et al., ICLR 2018).",
  version: 1,
  arithmetic: "portable",
  options,
  claims: {
    exactOnFiniteJoints: true,
    invariances: ["row-order", "unit-order"],
    ceiling: "entropy-of-inputs",
    deterministic: true,
  },
  supports: () => true,
  async estimate(sample, setting) {
    return (await estimateAll([sample], [setting]))[0][0];
  },
  estimateAll,
});

/** The binner of the rows measured last: what depends on p(y|x) alone is computed once for all snapshots. */
let kept: { readonly labels: Uint8Array; readonly joint: Joint | undefined; readonly binner: Binner } | undefined;

function binnerOf(kernels: Kernels, { meta: { n, classes }, labels, joint }: Sample): Binner {
  if (kept?.labels !== labels || kept.joint !== joint) {
    kept = { labels, joint, binner: createBinner(kernels, { n, classes, labels, joint }) };
  }
  return kept.binner;
}

async function estimateAll(samples: readonly Sample[], settings: readonly Setting[]): Promise<Estimate[][]> {
  const kernels = await loadKernels();
  const codebooks = settings.map(codebookOf);
  return samples.map((sample) => {
    const reason = whyMisshapen(sample);
    if (reason !== undefined) return settings.map((): Estimate => ({ status: "failed", reason }));
    const binner = binnerOf(kernels, sample);
    binner.setLayer(sample.activations.data as Float32Array | Float64Array, sample.meta.units);
    const { n, units, activation } = sample.meta;
    const limits = saturationLimits(activation);
    const saturated = limits && binner.countBeyond(...limits) / (n * units);
    return codebooks.map((codebook) => read(binner, sample, codebook, saturated));
  });
}

function read(binner: Binner, { meta: { units }, layer }: Sample, codebook: Codebook, saturated?: number): Estimate {
  const found = binner.read(codebook);
  if ("outside" in found) {
    const where = codebook.kind === "width" ? "must be finite" : `must lie in [${rangeOf(codebook).join(", ")}]`;
    return {
      status: "failed",
      reason: `activations ${where}: layer ${layer}, row ${found.row}, unit ${found.unit} is ${found.outside}`,
    };
  }
  const ceilingBits = codebook.kind === "width"
    ? binner.hxBits
    : Math.min(binner.hxBits, units * log2(codebook.kind === "count" ? codebook.count : codebook.edges.length));
  return {
    status: "measured",
    ixt: { bits: found.htBits },
    ity: { bits: binner.hyBits - found.hytBits },
    ceilingBits,
    cells: found.cells,
    alone: found.alone / found.cells,
    saturated,
    diagnostics: found.htBits > ceilingBits - NEAR_CEILING_BITS ? { nearCeiling: true } : undefined,
  };
}

function codebookOf(setting: Setting): Codebook {
  if ("width" in setting) return { kind: "width", width: setting.width };
  if ("preset" in setting) return { kind: "edges", edges: PUBLISHED_EDGES };
  return { kind: "count", ...setting };
}

function rangeOf(codebook: Exclude<Codebook, { kind: "width" }>): readonly [number, number] {
  return codebook.kind === "count" ? codebook.range : [codebook.edges[0], codebook.edges[codebook.edges.length - 1]];
}

/** NumPy's linspace(−1, 1, 30): k times the step, plus the start, with the end put in. */
const PUBLISHED_EDGES = Float64Array.from({ length: 30 }, (_, k) => k === 29 ? 1 : k * (2 / 29) - 1);
