"""A slow, plain twin for every kernel, of the same name: NumPy and math.fsum, nothing clever."""
