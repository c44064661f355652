"""Milliseconds of KSG 1 on 4096 pairs of two columns each, by scikit-learn's KDTree in one thread; prints JSON.

    OMP_NUM_THREADS=1 python tests/bench/peers/ksg.py
"""
import json
import time

import numpy as np
import sklearn
from scipy.special import digamma
from sklearn.neighbors import KDTree

N, K, ROUNDS = 4096, 3, 7
rng = np.random.default_rng(1)
x = rng.standard_normal((N, 2))
y = 0.75 * x + np.sqrt(1 - 0.75**2) * rng.standard_normal((N, 2))


def ksg1():
    joint = np.hstack([x, y])
    distances, _ = KDTree(joint, metric="chebyshev").query(joint, K + 1)
    radius = np.nextafter(distances[:, -1], 0)
    counts = [KDTree(a, metric="chebyshev").query_radius(a, radius, count_only=True) for a in (x, y)]
    return digamma(K) + digamma(N) - np.mean(digamma(counts[0]) + digamma(counts[1]))


ksg1()
times = []
for _ in range(ROUNDS):
    start = time.perf_counter()
    value = ksg1()
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"peer": f"scikit-learn {sklearn.__version__} KDTree", "ms": sorted(times)[ROUNDS // 2],
                  "bits": float(value / np.log(2))}))
