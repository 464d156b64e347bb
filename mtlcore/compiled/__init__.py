"""Everything that touches numba's inside: deferred compilation, the cache of kernels, signatures and pointers."""
