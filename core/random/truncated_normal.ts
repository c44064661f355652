import type { Stream } from "../contracts/stream.ts";

/**
 * A normal number of mean 0 and standard deviation `sigma`, drawn again while it lies beyond two of them. What is left has
 * standard deviation 0.8796 `sigma`.
 */
export function truncatedNormal(sigma: number, stream: Stream): number {
  for (;;) {
    const z = stream.normal();
    if (z >= -2 && z <= 2) return sigma * z;
  }
}
