"""Plain data on Axes: colors, scales, the plane of a start, the figures of the report."""
