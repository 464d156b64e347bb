"""What task k sees of the shared feature z: one transform a file."""
