"""The kernels as one WebAssembly file: what is in it, how it is called, and how it is made."""
