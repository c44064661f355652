import { additiveUniformBits, overlappingUniformsBits } from "../numerics/mod.ts";
import { drawRows } from "./rows.ts";
import type { LabelTruth, PairTruth } from "./truth.ts";

/**
 * X uniform on [0, 1], Y = X + U with U uniform on [−ε, ε].
 *
 * @param epsilon > 0.
 * @throws {RangeError} If it is not.
 */
export function additiveUniform(epsilon: number): PairTruth {
  return {
    kind: "pair",
    id: `additive-uniform epsilon=${epsilon}`,
    bits: additiveUniformBits(epsilon),
    sample(n, stream) {
      const [signal, noise] = [stream.child("x"), stream.child("noise")];
      const x = drawRows(n, 1, (row) => row[0] = signal.uniform());
      const y = drawRows(n, 1, (row, i) => row[0] = x.data[i] + epsilon * (2 * noise.uniform() - 1));
      return { x, y };
    },
  };
}

/**
 * A label k out of m, equally likely, and a number uniform on [k, k + 2]: neighbouring labels share half of their range.
 *
 * @param classes m, 2 to 255.
 */
export function overlappingUniforms(classes: number): LabelTruth {
  return {
    kind: "labels",
    id: `overlapping-uniforms classes=${classes}`,
    bits: overlappingUniformsBits(classes),
    classes,
    sample(n, stream) {
      const [dealt, within] = [stream.child("labels"), stream.child("x")];
      const labels = Uint8Array.from({ length: n }, () => dealt.integer(classes));
      return { x: drawRows(n, 1, (row, i) => row[0] = labels[i] + 2 * within.uniform()), labels };
    },
  };
}
