"""Experiments on real data: what is trained, where its numbers are kept, and how runs are launched."""
