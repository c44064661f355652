"""Trains two nets on the parity of three bits and records them: python3 train.py DIR."""
import sys
from collections import OrderedDict

import numpy as np
import torch
from record import Recorder

bits = np.array([[pattern >> place & 1 for place in (2, 1, 0)] for pattern in range(8)], dtype=np.float32)
parity = bits.sum(axis=1).astype(np.int64) % 2
x, y = torch.from_numpy(2 * bits - 1), torch.from_numpy(parity)

recorder = Recorder(
    sys.argv[1],
    {"hidden": "tanh", "output": "softmax"},
    f"PyTorch {torch.__version__}: 3-6-2 tanh nets on the parity of three bits, Adam at 0.05, full batch",
)
recorder.data(x, y, pyx=np.eye(2)[parity])  # all rows there are, so p(y|x) is exact
for seed in (0, 1):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(
        OrderedDict(hidden=torch.nn.Linear(3, 6), tanh=torch.nn.Tanh(), output=torch.nn.Linear(6, 2))
    )
    optimiser = torch.optim.Adam(net.parameters(), lr=0.05)
    recorder.run()
    for epoch in range(101):
        if epoch > 0:
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(net(x), y).backward()
            optimiser.step()
        if epoch % 10 == 0:
            recorder.snapshot(epoch, net)
recorder.close()
