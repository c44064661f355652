import { defineEstimator, type Estimate, type Estimator, type Joint, type Sample, whyMisshapen } from "@infoplane/core";
import { type Binner, type Codebook, createBinner, type Kernels, loadKernels } from "@infoplane/core/kernels";
import {
  chaoShenBits,
  grassbergerBits,
  jackknifeBits,
  log2,
  millerMadowBits,
  saturationLimits,
} from "@infoplane/core/numerics";
import { z } from "zod";

/** A point within this of the ceiling says little but that the codebook is too fine for the rows (SCIENCE: bits). */
const NEAR_CEILING_BITS = 0.5;

/** Plug-in entropies with less bias, of counts. */
const CORRECTIONS = {
  "miller-madow": millerMadowBits,
  grassberger: grassbergerBits,
  "chao-shen": chaoShenBits,
  jackknife: jackknifeBits,
} as const;
type Correction = keyof typeof CORRECTIONS;

const options = z.strictObject({
  count: z.number().int().min(1).max(65536).optional().describe("equal bins on the range; 30 unless told otherwise"),
  range: z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, "must ascend").optional()
    .describe("activations outside are an error; [-1, 1] unless told otherwise"),
  width: z.number().positive().optional().describe(
    "bins of this width from 0 on, however many; instead of count and range",
  ),
  preset: z.enum(["as-published"]).optional()
    .describe("as-published: the 30 edges of linspace(-1, 1, 30), which are 29 bins and a cell for t = 1"),
  codebook: z.enum(["layer-range", "equal-mass", "unique-values"]).optional().describe(
    "rulers that move with the layer, to stand beside a fixed one: count equal bins from the layer's least to its greatest " +
      "activation; count bins of equal probability for each unit, but that equal activations are never parted; " +
      "every distinct activation its own cell, -0 and 0 the same",
  ),
  correction: z.enum(Object.keys(CORRECTIONS) as [Correction, ...Correction[]]).optional().describe(
    "of the plug-in entropies H(T) and H(T|y) for the size of the sample; skipped where the rows are the whole population",
  ),
}).check(({ value: { count, range, width, preset, codebook }, issues }) => {
  const counted = codebook !== undefined && codebook !== "unique-values";
  const given = [
    range !== undefined || (count !== undefined && !counted),
    width !== undefined,
    preset !== undefined,
    codebook !== undefined,
  ];
  if (given.filter(Boolean).length > 1) {
    issues.push({
      code: "custom",
      input: { count, range, width, preset, codebook },
      message: "one codebook at a time, count on a range, width, preset or codebook",
    });
  }
}).transform(({ count = 30, range = [-1, 1], width, preset, codebook, correction }): Setting => {
  const corrected = correction && { correction };
  if (preset !== undefined) return { preset, ...corrected };
  if (width !== undefined) return { width, ...corrected };
  if (codebook === "unique-values") return { codebook, ...corrected };
  if (codebook !== undefined) return { codebook, count, ...corrected };
  return { count, range, ...corrected };
});

type Setting =
  & { readonly correction?: Correction }
  & (
    | { readonly count: number; readonly range: readonly [number, number] }
    | { readonly width: number }
    | { readonly preset: "as-published" }
    | { readonly codebook: "layer-range" | "equal-mass"; readonly count: number }
    | { readonly codebook: "unique-values" }
  );

/**
 * Discretises every unit and counts: I(X;T_b) = H(T_b), as the codebook is a function of x, and
 * I(T_b;Y) = H(Y) − H(Y|T_b), which is H(T_b) − Σ_y p(y) H(T_b|y).
 *
 * With a correction H(T_b) and each H(T_b|y) are corrected, by the counts of their own rows, and p(y) is the labels' frequency. Where
 * p(y|x) weighs rows that are a sample, there are no counts of cell and label: I(X;T_b) alone is given.
 */
export const binning: Estimator<Setting> = defineEstimator({
  id: "binning",
  title: "Binning",
  description: "Entropy of the layer after each unit is cut into bins: that of the binned layer T_b, not of T, whose " +
    "information about X is H(X) wherever the net tells all inputs apart (Shwartz-Ziv and Tishby, arXiv:1703.00810; " +
    "Saxe et al., ICLR 2018). Codebooks of count, width and preset are fixed; the others move with the layer, say so " +
    '(ruler "moving"), and can create or hide compression. The plug-in entropies of samples are too low; a correction ' +
    "(Miller 1955; Grassberger, arXiv:physics/0307138; Chao and Shen 2003; Zahl 1977) may lie above the ceiling, which is " +
    "that of the plug-in.",
  version: 1,
  arithmetic: "portable",
  options,
  claims: {
    exactOnFiniteJoints: true,
    invariances: ["row-order", "unit-order"],
    ceiling: "entropy-of-inputs",
    deterministic: true,
  },
  supports: ({ exactJoint }, { correction }) => correction && exactJoint ? "enumerated population" : true,
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
    return codebooks.map((codebook, i) => read(binner, sample, codebook, settings[i].correction, saturated));
  });
}

function read(
  binner: Binner,
  { meta: { units }, layer }: Sample,
  codebook: Codebook,
  correction: Correction | undefined,
  saturated: number | undefined,
): Estimate {
  const found = binner.read(codebook);
  if ("outside" in found) {
    const range = rangeOf(codebook);
    const where = range ? `must lie in [${range.join(", ")}]` : "must be finite";
    return {
      status: "failed",
      reason: `activations ${where}: layer ${layer}, row ${found.row}, unit ${found.unit} is ${found.outside}`,
    };
  }
  const ceilingBits = Math.min(binner.hxBits, units * log2(codesOf(codebook)));
  const moving = rangeOf(codebook) === undefined && codebook.kind !== "width";
  const diagnostics = {
    ...(found.htBits > ceilingBits - NEAR_CEILING_BITS && { nearCeiling: true }),
    ...(moving && { ruler: "moving" }),
    ...(found.range && { range: found.range }),
    ...(found.edges !== undefined && { edges: found.edges }),
  };
  const measured = {
    status: "measured",
    ixt: { bits: found.htBits },
    ity: { bits: binner.hyBits - found.hytBits },
    ceilingBits,
    cells: found.cells,
    alone: found.alone / found.cells,
    saturated,
    diagnostics: Object.keys(diagnostics).length > 0 ? diagnostics : undefined,
  } as const;
  return correction ? corrected(measured, binner, CORRECTIONS[correction]) : measured;
}

/** The same point with H(T) and H(T|y) from the counts of the cells read last. */
function corrected(
  measured: Extract<Estimate, { status: "measured" }>,
  binner: Binner,
  entropyBits: (counts: ArrayLike<number>) => number,
): Estimate {
  const counts = binner.counts();
  if (counts === undefined) {
    return { status: "skipped", reason: "p(x) weighs the rows: there are no counts to correct by" };
  }
  const ht = entropyBits(counts.all);
  const point = { ...measured, ixt: { bits: ht } };
  if (counts.byLabel === undefined) {
    return {
      ...point,
      ity: null,
      reason: "p(y|x) weighs the rows: there are no counts of cell and label to correct by",
    };
  }
  const sum = (all: Float64Array) => all.reduce((a, b) => a + b, 0);
  const n = sum(counts.all);
  const ity = counts.byLabel.reduce((left, ofLabel) => {
    const rows = sum(ofLabel);
    return rows > 0 ? left - rows / n * entropyBits(ofLabel) : left;
  }, ht);
  return { ...point, ity: { bits: ity } };
}

function codebookOf(setting: Setting): Codebook {
  if ("width" in setting) return { kind: "width", width: setting.width };
  if ("preset" in setting) return { kind: "edges", edges: PUBLISHED_EDGES };
  if (!("codebook" in setting)) return { kind: "count", count: setting.count, range: setting.range };
  return setting.codebook === "unique-values"
    ? { kind: setting.codebook }
    : { kind: setting.codebook, count: setting.count };
}

/** The fixed range outside which there is no code. */
function rangeOf(codebook: Codebook): readonly [number, number] | undefined {
  switch (codebook.kind) {
    case "count":
      return codebook.range;
    case "edges":
      return [codebook.edges[0], codebook.edges[codebook.edges.length - 1]];
  }
}

/** How many codes a unit can have. */
function codesOf(codebook: Codebook): number {
  if ("count" in codebook) return codebook.count;
  return codebook.kind === "edges" ? codebook.edges.length : Infinity;
}

/** NumPy's linspace(−1, 1, 30): k times the step, plus the start, with the end put in. */
const PUBLISHED_EDGES = Float64Array.from({ length: 30 }, (_, k) => k === 29 ? 1 : k * (2 / 29) - 1);
