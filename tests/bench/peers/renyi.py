"""Milliseconds of the eigenvalues of one Gaussian kernel matrix of 2000 rows, by OpenBLAS in one thread; prints JSON.

    OPENBLAS_NUM_THREADS=1 python tests/bench/peers/renyi.py
"""
import json
import time

import numpy as np

N, ROUNDS = 2000, 3
rng = np.random.default_rng(1)
x = rng.standard_normal((N, 4))
squares = ((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)
width2 = np.median(squares[np.triu_indices(N, 1)])
kernel = np.exp(-squares / (2 * width2)) / N

times = []
for _ in range(ROUNDS):
    start = time.perf_counter()
    values = np.linalg.eigvalsh(kernel)
    times.append(1000 * (time.perf_counter() - start))
alpha = 1.01
bits = np.log2((np.clip(values, 0, None) ** alpha).sum()) / (1 - alpha)
print(json.dumps({"peer": f"numpy {np.__version__} eigvalsh", "ms": sorted(times)[ROUNDS // 2], "bits": float(bits)}))
