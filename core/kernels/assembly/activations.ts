import { expLanes, logisticLanes, tanhLanes } from "./elementary_vectors";

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
