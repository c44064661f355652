"""One SGD step in JAX on one thread, compiled: one net, and 50 nets by vmap. Prints JSON."""

import json
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
from nets import data, milliseconds

NETS_AT_ONCE = 50
x, y, layers, activation = data(sys.argv[1])
f = jnp.tanh if activation == "tanh" else jax.nn.relu


def loss(parameters):
    h = x
    for k, (w, b) in enumerate(parameters):
        h = h @ w + b
        if k < len(parameters) - 1:
            h = f(h)
    return -jnp.mean(jax.nn.log_softmax(h)[jnp.arange(len(y)), y])


def update(parameters):
    value, gradient = jax.value_and_grad(loss)(parameters)
    return value, jax.tree_util.tree_map(lambda p, g: p - 0.1 * g, parameters, gradient)


def timed(step, parameters, **options):
    state = [parameters]

    def once():
        value, state[0] = step(state[0])
        return np.asarray(value)

    return milliseconds(once, **options)


one = timed(jax.jit(update), layers)
many = jax.tree_util.tree_map(lambda p: np.repeat(p[None], NETS_AT_ONCE, 0), layers)
together = timed(jax.jit(jax.vmap(update)), many, calls=5, warm_up=10) / NETS_AT_ONCE
print(json.dumps({"version": jax.__version__, "compiled_ms": one, "together_ms": together}))
