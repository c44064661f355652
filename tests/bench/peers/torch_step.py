"""One SGD step in PyTorch on one thread: eager for one net, and for 50 nets of the same shape by baddbmm. Prints JSON."""

import json
import sys

import numpy as np
import torch
from nets import data, milliseconds

torch.set_num_threads(1)
NETS_AT_ONCE = 50


def eager(name):
    x, y, layers, activation = data(name)
    modules = []
    for k, (w, b) in enumerate(layers):
        linear = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w.T.copy()))
            linear.bias.copy_(torch.from_numpy(b))
        modules.append(linear)
        if k < len(layers) - 1:
            modules.append(torch.nn.Tanh() if activation == "tanh" else torch.nn.ReLU())
    model = torch.nn.Sequential(*modules)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def step():
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimiser.step()
        return loss.item()

    return milliseconds(step)


def together(name):
    x, y, layers, activation = data(name)
    h0 = torch.from_numpy(np.repeat(x[None], NETS_AT_ONCE, 0))
    labels = torch.from_numpy(np.repeat(y[None], NETS_AT_ONCE, 0)).reshape(-1)
    parameters = [
        torch.from_numpy(np.repeat(p[None], NETS_AT_ONCE, 0)).requires_grad_()
        for w, b in layers
        for p in (w, b[None])
    ]

    def step():
        h = h0
        for k in range(0, len(parameters), 2):
            h = torch.baddbmm(parameters[k + 1], h, parameters[k])
            if k < len(parameters) - 2:
                h = torch.tanh(h) if activation == "tanh" else torch.relu(h)
        loss = torch.nn.functional.cross_entropy(h.reshape(labels.numel(), -1), labels) * NETS_AT_ONCE
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p -= 0.1 * p.grad
                p.grad = None
        return loss.item()

    return milliseconds(step, calls=5, warm_up=10) / NETS_AT_ONCE


name = sys.argv[1]
result = {"version": torch.__version__, "eager_ms": eager(name)}
if name == "small":
    result["together_ms"] = together(name)
print(json.dumps(result))
