/**
 * Information that a layer of a noisy net carries, by sample propagation.
 *
 * @module
 */
import type { Joint } from "../contracts/dataset.ts";
import type { Sample } from "../contracts/estimator.ts";
import type { Stream } from "../contracts/stream.ts";
import { exp, log2 } from "../numerics/elementary.ts";
import type { Outside } from "./binning.ts";
import { type Progress, withMixture } from "./mixture.ts";
import type { Kernels } from "./mod.ts";

/** What points of a noisy layer say, in bits, one number a draw. */
export interface PropagatedDraws {
  /** log₂ p(t|x) / p(t), p(t|x) the mean over the Gaussians of x: its mean is I(X;T) of the mixtures. */
  readonly ixt: Float64Array;
  /** The same with p(t|x) the mean over the Gaussians of x but the one t was drawn from, −∞ where no other reaches; `ixt` if x has but one. */
  readonly ixtLeftOut: Float64Array;
  /** Σ_y p(y|x) log₂ p(t|y) / p(t): its mean is I(T;Y) of the mixtures. */
  readonly ity: Float64Array;
}

/** The kernels cut off ratios of densities here. */
const LARGEST_EXPONENT = 665;

/**
 * Draws points from the mixture of Gaussians that the centres of a noisy layer carry: a row by p(x), one of its centres, noise. With c the
 * centres of x and m of them, p(t|x) = (1/m) Σ_c N(t; c, σ²) and p(t) = Σ_x p(x) p(t|x).
 *
 * As with these mixtures in the place of the net's own laws, whose mean they are, information is convex in p(t|x) and p(t|y): the means of
 * `ixt` and `ity` are, over nets' noise, never below I(X;T) and I(T;Y). That of `ixtLeftOut` is never above I(X;T), by Jensen's inequality
 * for the two logarithms.
 *
 * Takes draws × n m units multiply–adds and draws × n m exponentials.
 *
 * @param sample Its centres, [m, n, units], and σ = `meta.noise`.
 * @param passes Centres of a row to use, of those there are.
 * @param stream Rows come from its child `rows`, noise from its child `noise`.
 * @returns The draws, or the first centre that is not finite, with its row among n.
 * @throws {TypeError} If the sample has no centres, or no σ > 0.
 */
export async function drawPropagated(
  kernels: Kernels,
  sample: Sample,
  passes: number,
  draws: number,
  stream: Stream,
  progress?: Progress,
): Promise<PropagatedDraws | Outside> {
  const { centres, labels, joint, meta } = sample;
  const { n, units, noise: sigma } = meta;
  if (centres === undefined || !sigma) {
    throw new TypeError("Cannot draw from a noisy layer as its sample must have centres and noise: it has none");
  }
  const m = Math.min(passes, centres.shape[0]);
  const data = centres.data.subarray(0, m * n * units);
  const found = await withMixture(
    kernels,
    {
      ...sample,
      ...repeated(labels, joint, m),
      meta: { ...meta, n: m * n },
      activations: { data, shape: [m * n, units] },
    },
    (mixture) => mixture.draw(sigma * sigma, draws, stream, progress),
  );
  if ("outside" in found) return { ...found, row: found.row % n };

  const { ixt, ity, rows, points } = found;
  const scale = 1 / (2 * sigma * sigma);
  const distance = (draw: number, row: number) => {
    let sum = 0;
    for (let u = 0; u < units; u++) {
      const apart = points[draw * units + u] - data[row * units + u];
      sum += apart * apart;
    }
    return sum;
  };
  const ixtLeftOut = new Float64Array(draws);
  for (let d = 0; d < draws; d++) {
    const own = distance(d, rows[d]);
    let others = 0;
    for (let row = rows[d] % n; row < m * n; row += n) {
      if (row !== rows[d]) others += exp(Math.min((own - distance(d, row)) * scale, LARGEST_EXPONENT));
    }
    // Densities are relative to that of the own Gaussian, which is 1.
    ixtLeftOut[d] = m === 1 ? ixt[d] : others > 0 ? ixt[d] + log2(others / (m - 1)) : -Infinity;
    ixt[d] += log2((1 + others) / m);
  }
  return { ixt, ixtLeftOut, ity };
}

type Repeated = { readonly labels: Uint8Array; readonly joint?: Joint };

let latest: { readonly of: Repeated; readonly m: number; readonly repeated: Repeated } | undefined;

/** Labels and probabilities of every row m times over; those of the latest call again if they are asked for. */
function repeated(labels: Uint8Array, joint: Joint | undefined, m: number): Repeated {
  if (latest?.of.labels === labels && latest.of.joint === joint && latest.m === m) return latest.repeated;
  const times = <Values extends Uint8Array | Float64Array>(values: Values): Values => {
    const all =
      (values instanceof Uint8Array
        ? new Uint8Array(m * values.length)
        : new Float64Array(m * values.length)) as Values;
    for (let pass = 0; pass < m; pass++) all.set(values, pass * values.length);
    return all;
  };
  const repeated = {
    labels: times(labels),
    joint: joint && { px: times(joint.px).map((p) => p / m), pyx: times(joint.pyx) },
  };
  latest = { of: { labels, joint }, m, repeated };
  return repeated;
}
