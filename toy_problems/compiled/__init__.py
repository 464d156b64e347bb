"""The compiled engine: kernels that follow one path, and what lays out their arrays."""
