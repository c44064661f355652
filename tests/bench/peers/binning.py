"""Binning in NumPy as the programs of the dispute do it: digitize, rows as one void each, np.unique, for all rows and for each label.

Reads the layers as .npy files, a labels .npy first. Prints JSON: milliseconds for all layers together, and what was found.
"""

import json
import sys

import numpy as np
from nets import milliseconds

EDGES = np.linspace(-1, 1, 30)


def probabilities(codes):
    rows = np.ascontiguousarray(codes).view(np.dtype((np.void, codes.dtype.itemsize * codes.shape[1])))
    counts = np.unique(rows, return_counts=True)[1]
    return counts / counts.sum()


def entropy(p):
    return -(p * np.log2(p)).sum()


def information(layer, labels):
    codes = np.digitize(layer, EDGES)
    ht = entropy(probabilities(codes))
    ity = ht
    for label in np.unique(labels):
        chosen = labels == label
        ity -= chosen.mean() * entropy(probabilities(codes[chosen]))
    return ht, ity


labels, *layers = [np.load(path) for path in sys.argv[1:]]


def everything():
    return [information(layer, labels) for layer in layers]


print(json.dumps({
    "version": np.__version__,
    "ms": milliseconds(everything, calls=3, warm_up=2),
    "bits": [bits for pair in everything() for bits in pair],
}))
