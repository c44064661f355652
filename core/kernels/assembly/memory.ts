/** The first byte of linear memory that holds no constants; the caller lays out everything from here. */
export function heapBase(): usize {
  return __heap_base;
}
