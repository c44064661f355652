import type { Context } from "../contracts/context.ts";
import type { Kernels } from "../kernels/mod.ts";
import type { CriticBound } from "../numerics/critic_bounds.ts";
import type { RealRows } from "../numerics/real_rows.ts";
import { meanAndError } from "../numerics/standard_error.ts";
import { createDenseEngine, type DenseEngine } from "./dense.ts";
import { denseNet } from "./dense_training.ts";
import { stopEarly } from "./early_stopping.ts";
import { endlessBatches, holdOut, standardised } from "./held_out.ts";
import { initialParameters } from "./initial_weights.ts";
import { reluNet } from "./relu_net.ts";

const BITS_PER_NAT = 1.4426950408889634;
/** Rows that are read together, unless a bound is read a batch at a time: a square of scores takes 8 MiB. */
const READ_ROWS = 1024;

/** How a critic is trained. */
export interface CriticOptions {
  /** Units of the hidden layers of each of its two nets. */
  readonly widths: readonly number[];
  /** Units each net ends in, between which the score is a scalar product. */
  readonly features: number;
  /** Rows of a step; every pair of them is scored. */
  readonly batch: number;
  /** The most steps. */
  readonly steps: number;
  /** Adam's learning rate. */
  readonly rate: number;
}

/** What a critic learns from and is read by. */
export interface CriticMethod {
  /** Raised by training, and what tells when to stop. */
  readonly objective: CriticBound;
  /** Read off the held-out rows. */
  readonly bound: CriticBound;
  /** True if the bound means batches of the size trained on; otherwise it is read over many rows at once. */
  readonly inBatches: boolean;
}

/** What a trained critic says. */
export interface CriticAnswer {
  /** The bound in bits, on rows that the critic has not seen. */
  readonly bits: number;
  /** Of `bits`, from the influence of each row, for the critic at hand. */
  readonly standardErrorBits: number;
  /** Steps up to the critic used. */
  readonly steps: number;
  /** Rows the bound was read off. */
  readonly heldOut: number;
}

/**
 * Scores of every pair under a separable critic, s_ij = g_i · h_j / √features, in nats.
 *
 * @param g Row-major, shape [rows, features].
 * @param h Row-major, shape [rows, features].
 * @returns Row-major, shape [rows, rows].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(separableScores([1, 2], [3, 4], 2), Float64Array.of(3, 4, 6, 8));
 * ```
 */
export function separableScores(g: ArrayLike<number>, h: ArrayLike<number>, rows: number): Float64Array {
  const features = g.length / rows;
  const scale = 1 / Math.sqrt(features);
  const [left, right] = [Float64Array.from(g), Float64Array.from(h)];
  const scores = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let sum = 0;
      for (let f = 0; f < features; f++) sum += left[i * features + f] * right[j * features + f];
      scores[i * rows + j] = sum * scale;
    }
  }
  return scores;
}

/**
 * The errors that both nets of a separable critic learn from when a value rises with these slopes: derivatives of minus the value by
 * g and by h.
 *
 * @param slopes Derivatives of the value by the scores, shape [rows, rows].
 */
export function separableErrors(
  slopes: Float64Array,
  g: ArrayLike<number>,
  h: ArrayLike<number>,
  rows: number,
): { readonly g: Float32Array; readonly h: Float32Array } {
  const features = g.length / rows;
  const scale = -1 / Math.sqrt(features);
  const [left, right] = [Float64Array.from(g), Float64Array.from(h)];
  const errors = { g: new Float64Array(left.length), h: new Float64Array(right.length) };
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      const slope = slopes[i * rows + j] * scale;
      for (let f = 0; f < features; f++) {
        errors.g[i * features + f] += slope * right[j * features + f];
        errors.h[j * features + f] += slope * left[i * features + f];
      }
    }
  }
  return { g: Float32Array.from(errors.g), h: Float32Array.from(errors.h) };
}

/**
 * Trains a separable critic on three fifths of the pairs, stops by a fifth and reads the bound off the last fifth.
 *
 * @param x Shape [n, dim X].
 * @param t Shape [n, dim T].
 * @param alike The chance that two independent draws are the same row: see `CriticBound`.
 * @param ctx Chance is drawn from the children `split`, `weights` and `batches` of its stream.
 */
export async function criticInformation(
  kernels: Kernels,
  x: RealRows,
  t: RealRows,
  { objective, bound, inBatches }: CriticMethod,
  options: CriticOptions,
  alike: number,
  ctx: Context,
): Promise<CriticAnswer> {
  const { batch, steps } = options;
  const { train, validation, test } = holdOut(x.n, ctx.stream.child("split"));
  const sides = [x, t].map((rows, side) => createSide(kernels, rows, side, train, options, ctx));
  const [g, h] = sides.map(({ engine }) => engine);
  const batches = endlessBatches(train, batch, ctx.stream.child("batches"));
  const scoresOf = (rows: Uint32Array) => {
    const [left, right] = sides.map(({ outputs }) => outputs(rows));
    return separableScores(left, right, rows.length);
  };
  const made = await stopEarly(
    {
      step() {
        const { value: rows } = batches.next();
        const [left, right] = [g.outputs(rows), h.outputs(rows)];
        const { slopes } = objective(separableScores(left, right, batch), batch, alike);
        const errors = separableErrors(slopes, left, right, batch);
        g.stepFrom(errors.g);
        h.stepFrom(errors.h);
      },
      validate() {
        let nats = 0;
        const parts = blocks(validation, batch);
        for (const rows of parts) nats += objective(scoresOf(rows), batch, alike).nats;
        return -nats / parts.length;
      },
      keep: () => sides.forEach(({ keep }) => keep()),
      restore: () => sides.forEach(({ restore }) => restore()),
    },
    steps,
    ctx,
  );

  const size = inBatches ? batch : Math.min(READ_ROWS, test.length);
  const parts = blocks(test, size);
  const influence = new Float64Array(parts.length * size);
  let nats = 0;
  for (const [k, rows] of parts.entries()) {
    const found = bound(scoresOf(rows), size, alike);
    nats += found.nats / parts.length;
    influence.set(found.influence, k * size);
    await ctx.progress(1);
  }
  return {
    bits: nats * BITS_PER_NAT,
    standardErrorBits: meanAndError(influence).standardError * BITS_PER_NAT,
    steps: made,
    heldOut: influence.length,
  };
}

/** One net of the critic with the rows it looks at. */
interface Side {
  readonly engine: DenseEngine;
  outputs(rows: Uint32Array): Float32Array;
  keep(): void;
  restore(): void;
}

function createSide(
  kernels: Kernels,
  rows: RealRows,
  side: number,
  train: Uint32Array,
  { widths, features, batch, rate }: CriticOptions,
  ctx: Context,
): Side {
  const { columns, n } = rows;
  const description = reluNet(columns, widths, features, "linear");
  const engine = createDenseEngine(kernels, { ...denseNet(description), loss: "given" }, {
    optimiser: { id: "adam", rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    maxBatch: batch,
  });
  const inputs = Float32Array.from(standardised(rows, train).values);
  engine.setData(inputs, new Uint8Array(n));
  engine.setParameters(initialParameters(description, ctx.stream.child("weights", side)));
  let kept: Float32Array;
  return {
    engine,
    outputs(at) {
      const taken = new Float32Array(at.length * columns);
      at.forEach((row, i) => taken.set(inputs.subarray(row * columns, (row + 1) * columns), i * columns));
      return engine.forward(taken)[widths.length];
    },
    keep() {
      kept = engine.parameters();
    },
    restore() {
      engine.setParameters(kept);
    },
  };
}

/** Rows in blocks of one size; what is left over is not used. */
function blocks(rows: Uint32Array, size: number): Uint32Array[] {
  return Array.from(
    { length: Math.floor(rows.length / size) },
    (_, k) => rows.subarray(k * size, (k + 1) * size),
  );
}
