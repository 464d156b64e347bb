"""The compiled engine: kernels that follow one path, from its plan to the judging of its records."""
