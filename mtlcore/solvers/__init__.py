"""The small exact solvers that rules and transforms share, as kernels; K is small, so they are dense."""
