"""Plotly figures as pure functions: arrays in, figure out. No screen, no torch."""
