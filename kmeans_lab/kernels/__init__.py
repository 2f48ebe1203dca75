"""Compiled kernels: plain arrays in, plain arrays out; numba lives here and nowhere else."""
