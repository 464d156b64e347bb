"""From records to what a stage draws: kernels, so that Python and a page see the same picture."""
