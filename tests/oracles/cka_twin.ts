/** Linear CKA as HSIC(K, L) / √(HSIC(K, K) HSIC(L, L)) of the n × n kernels K = XXᵀ and L = YYᵀ, with the centring matrix written out. */
export function ckaTwin(x: readonly (readonly number[])[], y: readonly (readonly number[])[]): number {
  const [k, l] = [centredKernel(x), centredKernel(y)];
  const hsic = (a: number[][], b: number[][]) =>
    a.reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * b[j][i], 0), 0);
  return hsic(k, l) / Math.sqrt(hsic(k, k) * hsic(l, l));
}

function centredKernel(rows: readonly (readonly number[])[]): number[][] {
  const n = rows.length;
  const kernel = rows.map((a) => rows.map((b) => a.reduce((sum, value, j) => sum + value * b[j], 0)));
  const centring = rows.map((_, i) => rows.map((_, j) => (i === j ? 1 : 0) - 1 / n));
  return product(product(centring, kernel), centring);
}

function product(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
}
