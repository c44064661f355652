import type { KernelInstance } from "../kernels/mod.ts";
import type { DenseEngine, DenseNet } from "../training/dense.ts";
import { GRADIENT_ROWS, meanGradient } from "./gradients.ts";
import { partOf } from "./layer_parts.ts";

/** Products of vectors with second derivatives of the mean cross-entropy in nats, at the parameters that the engine has. */
export interface Curvature {
  /**
   * H v over the rows, H the Hessian.
   *
   * @param v Laid out as the parameters are; or as those of one layer, if `layer` is given.
   * @param layer 1…K: its block of H alone.
   */
  hessianVector(v: ArrayLike<number>, rows: Uint32Array, layer?: number): Float64Array;
  /**
   * The same with the Gauss–Newton matrix (1/m) Σ Jᵀ H_L J, J the derivative of the logits by the parameters and H_L the Hessian of the loss
   * in the logits. It is positive semidefinite, and the Hessian less what bends in the net itself.
   */
  gaussNewtonVector(v: ArrayLike<number>, rows: Uint32Array, layer?: number): Float64Array;
}

const LANES = 8;
const LAYER_BYTES = 16;
const RECORD_BYTES = 16;

/** Reserves and writes the record that `assembly/curvature64.ts` reads; addresses in bytes. */
function place({ reserve, exports }: KernelInstance, net: DenseNet, passRows: number, parameterCount: number) {
  const blockBytes = (units: number) => 8 * LANES * Math.ceil(passRows / LANES) * units;
  const record = reserve(RECORD_BYTES + LAYER_BYTES * net.layers.length);
  const vector = reserve(8 * parameterCount);
  const result = reserve(8 * parameterCount);
  const room = reserve(blockBytes(Math.max(...net.layers.map(({ units }) => units))));
  const words = [vector, result, room, 0];
  for (const { units, residual } of net.layers) {
    words.push(reserve(blockBytes(units)), reserve(blockBytes(units)), reserve(blockBytes(units)));
    words.push(residual ? reserve(blockBytes(units)) : 0);
  }
  new Uint32Array(exports.memory.buffer, record, words.length).set(words);
  return { record, vector, result };
}

/**
 * Makes a net ready for products with its second derivatives (Pearlmutter 1994; Schraudolph 2002), in f64.
 *
 * A product costs some three gradients. At the kink of a ReLU the second derivative counts as 0.
 *
 * @param engine Of float64, with its data and room for `passRows` rows; a later `setData` ends the use of what is made here.
 * @throws {RangeError} If a layer is quantised: its derivative is 0 wherever it has one, and the error that passes straight through it
 * in training is the gradient of no loss, so that there is no Hessian.
 *
 * @example A logistic unit at 0 that sees x = 2: p (1 − p) (x, 1) (x, 1)ᵀ v
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadKernels } from "../kernels/mod.ts";
 * import { createDenseEngine, type DenseNet } from "../training/dense.ts";
 * const net: DenseNet = { inputs: 1, layers: [{ units: 1, activation: "sigmoid" }], precision: "float64" };
 * const options = { optimiser: { id: "sgd", rate: 0 }, maxBatch: 1 } as const;
 * const engine = createDenseEngine<Float64Array>(await loadKernels(), net, options);
 * engine.setData(Float64Array.of(2), Uint8Array.of(1));
 * const { hessianVector, gaussNewtonVector } = createCurvature(engine, net, 1);
 * assert.deepEqual(hessianVector([1, 0], Uint32Array.of(0)), Float64Array.of(1, 0.5));
 * assert.deepEqual(gaussNewtonVector([0, 1], Uint32Array.of(0)), Float64Array.of(0.5, 0.25));
 * ```
 */
export function createCurvature(
  engine: DenseEngine<Float64Array>,
  net: DenseNet,
  passRows: number = GRADIENT_ROWS,
): Curvature {
  const quantised = net.layers.findIndex(({ quantisedBits }) => quantisedBits !== undefined);
  if (quantised >= 0) {
    throw new RangeError(
      "Cannot take second derivatives as no layer may be quantised, whose errors pass straight through and are the gradient of no " +
        `loss: layer ${quantised + 1} has ${net.layers[quantised].quantisedBits} bits`,
    );
  }
  const { instance, plan } = engine.inside;
  const { exports } = instance;
  const { parameterCount } = engine;
  const at = place(instance, net, passRows, parameterCount);
  const floats = (pointer: number) => new Float64Array(exports.memory.buffer, pointer, parameterCount);

  function product(v: ArrayLike<number>, rows: Uint32Array, layer: number | undefined, whole: boolean): Float64Array {
    const { from, to } = partOf(net, layer);
    if (v.length !== to - from) {
      throw new TypeError(
        `Cannot multiply by second derivatives as the vector must have ${to - from} numbers: it has ${v.length}`,
      );
    }
    floats(at.vector).fill(0).set(v, from);
    floats(at.result).fill(0);
    meanGradient(engine, rows, passRows, (count) => exports.denseCurvature64(plan, count, at.record, whole));
    return floats(at.result).slice(from, to).map((sum) => sum / rows.length);
  }

  return {
    hessianVector: (v, rows, layer) => product(v, rows, layer, true),
    gaussNewtonVector: (v, rows, layer) => product(v, rows, layer, false),
  };
}
