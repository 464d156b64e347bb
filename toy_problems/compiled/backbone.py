"""The backbone z = W2 max(W1 x + b1, 0) + b2, forwards and backwards."""

from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Cube, Floats, Matrix
from toy_problems.compiled.arrays import NETWORK


@kernel(types.void(NETWORK))
def forward(net):
    """Writes hidden and z for the current parameters."""
    for n in range(net.x.shape[0]):
        for h in range(net.b1.size):
            total = net.b1[h]
            for j in range(net.x.shape[1]):
                total += net.W1[h, j] * net.x[n, j]
            net.hidden[n, h] = max(total, 0.0)
        for i in range(net.b2.size):
            total = net.b2[i]
            for h in range(net.b1.size):
                total += net.W2[i, h] * net.hidden[n, h]
            net.z[n, i] = total


@kernel(types.void(NETWORK, Matrix, Floats))
def backward(net, seen, out):
    """Writes the gradient of W1, b1, W2, b2 to out [P] for the feature gradient seen [N, d]."""
    hidden, inputs, dim = net.b1.size, net.x.shape[1], net.b2.size
    at_b1 = hidden * inputs
    at_W2 = at_b1 + hidden
    at_b2 = at_W2 + dim * hidden
    out[:] = 0.0
    for n in range(seen.shape[0]):
        for i in range(dim):
            out[at_b2 + i] += seen[n, i]
            for h in range(hidden):
                out[at_W2 + i * hidden + h] += seen[n, i] * net.hidden[n, h]
        for h in range(hidden):
            if net.hidden[n, h] > 0.0:
                back = 0.0
                for i in range(dim):
                    back += seen[n, i] * net.W2[i, h]
                out[at_b1 + h] += back
                for j in range(inputs):
                    out[h * inputs + j] += back * net.x[n, j]


@kernel(types.void(NETWORK, Cube, Cube))
def backward_each(net, seen, rows):
    """Writes every task's parameter gradient to rows [K, 1, P] from its feature gradient seen [K, N, d]."""
    for k in range(seen.shape[0]):
        backward(net, seen[k], rows[k, 0])
