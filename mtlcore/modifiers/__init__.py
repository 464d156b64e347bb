"""What is done around a rule of the Gram matrix: one modifier a file, each with a kernel and its SPEC."""
