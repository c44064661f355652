import type { Training } from "../contracts/study.ts";

/** Cuts the rows of an epoch, in their order, into the batches of its updates; views, not copies. */
export function batchesOf(order: Uint32Array, { batch, partialBatch }: Training): Uint32Array[] {
  const size = batch === "full" ? order.length : Math.min(batch, order.length);
  const used = partialBatch === "drop" ? order.length - order.length % size : order.length;
  const batches: Uint32Array[] = [];
  for (let from = 0; from < used; from += size) batches.push(order.subarray(from, Math.min(from + size, used)));
  return batches;
}
