"""One rule per file: a kernel from the Gram matrix (and the losses) to task weights, and its SPEC."""
