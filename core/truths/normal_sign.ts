import { normalSignBits } from "../numerics/mod.ts";
import { drawRows } from "./rows.ts";
import type { LabelTruth } from "./truth.ts";

/**
 * A standard normal number, labelled by the sign of another of correlation ρ.
 *
 * @param rho In (−1, 1).
 * @throws {RangeError} If ρ is not.
 */
export function normalSign(rho: number): LabelTruth {
  const rest = Math.sqrt(1 - rho * rho);
  return {
    kind: "labels",
    id: `normal-sign rho=${rho}`,
    bits: normalSignBits(rho),
    classes: 2,
    sample(n, stream) {
      const [signal, noise] = [stream.child("x"), stream.child("labels")];
      const x = drawRows(n, 1, (row) => row[0] = signal.normal());
      const labels = Uint8Array.from(x.data, (value) => rho * value + rest * noise.normal() > 0 ? 1 : 0);
      return { x, labels };
    },
  };
}
