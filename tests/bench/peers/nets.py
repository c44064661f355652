"""The two nets of tests/bench/workloads.ts and a timer, for the programs beside this one."""

import time

import numpy as np

NETS = {
    "small": {"sizes": [12, 10, 7, 5, 4, 3, 2], "activation": "tanh", "batch": 512},
    "wide": {"sizes": [784, 256, 128, 10], "activation": "relu", "batch": 128},
}


def data(name):
    """One batch of inputs, labels, and parameters uniform on +-1/sqrt(fan-in)."""
    net = NETS[name]
    sizes, batch = net["sizes"], net["batch"]
    rng = np.random.default_rng(1)
    if name == "small":
        rows = np.arange(batch)
        x = ((rows[:, None] >> (11 - np.arange(12))) & 1).astype(np.float32)
    else:
        x = rng.random((batch, sizes[0]), dtype=np.float32)
    y = rng.integers(0, sizes[-1], batch)
    layers = [
        (
            rng.uniform(-1, 1, (fan_in, units)).astype(np.float32) / np.sqrt(np.float32(fan_in)),
            rng.uniform(-1, 1, units).astype(np.float32) / np.sqrt(np.float32(fan_in)),
        )
        for fan_in, units in zip(sizes, sizes[1:])
    ]
    return x, y, layers, net["activation"]


def milliseconds(step, rounds=9, calls=20, warm_up=50):
    """Of one call: the median over rounds of the mean over calls."""
    for _ in range(warm_up):
        step()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            step()
        times.append((time.perf_counter() - start) / calls * 1000)
    return float(np.median(times))
