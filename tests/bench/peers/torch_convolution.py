"""One SGD step of the convolutional nets of the studies in PyTorch, eager, one thread, batch 128. Prints JSON."""

import json
import sys

import torch
from nets import milliseconds

torch.set_num_threads(1)
nn = torch.nn


def blocks(channels, filters):
    modules = []
    for count in filters:
        modules += [nn.Conv2d(channels, count, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = count
    return modules + [nn.Flatten()]


def net(name):
    if name == "mnist":
        return nn.Sequential(*blocks(1, [8, 16]), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10)), (1, 28, 28)
    return nn.Sequential(*blocks(3, [16, 32, 64]), nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 10)), (3, 32, 32)


model, shape = net(sys.argv[1])
optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
x = torch.rand(128, *shape)
y = torch.arange(128) % 10


def step():
    optimiser.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimiser.step()
    return loss.item()


print(json.dumps({"version": torch.__version__, "eager_ms": milliseconds(step, calls=3, warm_up=3)}))
