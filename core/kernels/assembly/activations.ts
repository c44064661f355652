import { expLanes, logisticLanes, softplusLanes, tanhLanes } from "./elementary_vectors";

/** tanh in place over `count` f32 from `pointer`; count is a multiple of 8. */
export function tanhArray(pointer: usize, count: usize): void {
  const end = pointer + (count << 2);
  while (pointer < end) {
    const a = tanhLanes(v128.load(pointer));
    const b = tanhLanes(v128.load(pointer, 16));
    v128.store(pointer, a);
    v128.store(pointer, b, 16);
    pointer += 32;
  }
}

/** 1 / (1 + e^−x) in place over `count` f32 from `pointer`; count is a multiple of 4. */
export function logisticArray(pointer: usize, count: usize): void {
  const end = pointer + (count << 2);
  while (pointer < end) {
    v128.store(pointer, logisticLanes(v128.load(pointer)));
    pointer += 16;
  }
}

/** e^x in place over `count` f32 from `pointer`; count is a multiple of 4. */
export function expArray(pointer: usize, count: usize): void {
  const end = pointer + (count << 2);
  while (pointer < end) {
    v128.store(pointer, expLanes(v128.load(pointer)));
    pointer += 16;
  }
}

/** max(0, x) in place over `count` f32 from `pointer`; count is a multiple of 4. */
export function reluArray(pointer: usize, count: usize): void {
  const end = pointer + (count << 2);
  const zero = f32x4.splat(0);
  while (pointer < end) {
    v128.store(pointer, f32x4.pmax(v128.load(pointer), zero));
    pointer += 16;
  }
}

/** x for x > 0, slope · x below, in place over `count` f32 from `pointer`; count is a multiple of 4. */
export function leakyReluArray(pointer: usize, count: usize, slope: f32): void {
  const end = pointer + (count << 2);
  const zero = f32x4.splat(0);
  const slopes = f32x4.splat(slope);
  while (pointer < end) {
    const x = v128.load(pointer);
    v128.store(pointer, v128.bitselect(x, f32x4.mul(x, slopes), f32x4.gt(x, zero)));
    pointer += 16;
  }
}

/** ln(1 + e^x) in place over `count` f32 from `pointer`; count is a multiple of 4. */
export function softplusArray(pointer: usize, count: usize): void {
  const end = pointer + (count << 2);
  while (pointer < end) {
    v128.store(pointer, softplusLanes(v128.load(pointer)));
    pointer += 16;
  }
}

/**
 * Quantises `count` f32 of [low, high] to the middles of `levels` equal cells, min(levels − 1, ⌊(x − low) / (high − low) · levels⌋);
 * the width of the range must be a power of two, so that dividing by it is exact.
 */
export function quantiseArray(from: usize, to: usize, count: usize, low: f32, high: f32, levels: f32): void {
  const end = from + (count << 2);
  const span = high - low;
  const lows = f32x4.splat(low);
  const scale = f32x4.splat(levels / span);
  const last = f32x4.splat(levels - 1);
  const width = f32x4.splat(span / levels);
  const half = f32x4.splat(0.5);
  while (from < end) {
    const x = v128.load(from);
    const cell = f32x4.pmin(f32x4.floor(f32x4.mul(f32x4.sub(x, lows), scale)), last);
    v128.store(to, f32x4.add(lows, f32x4.mul(f32x4.add(cell, half), width)));
    from += 16;
    to += 16;
  }
}
