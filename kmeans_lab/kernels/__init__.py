"""Compiled kernels: plain arrays in, plain arrays out; numba lives here and nowhere else.

Where to read: each kernel's plain version, a few lines of NumPy, is its namesake in tests/naive.py,
an initializer's in tests/naive_inits.py.

    initializers, init_*     seeds to first centers
      seeding                NumPy's random numbers
      census                 every start of `random` by its rank
      first_centers, chains, swaps   kernels: means and points, chains of points, swaps of centers
    batch                    a batch of starts: room for what they leave, the call of their kernel
    lloyd                    a whole start, from first centers to its outcome
      step                   assign, keep counts and sums, relocate, update
        distance             the law: the nearest center by squared distance
        places, boxes        the same labels for up to three features: whole boxes of points
        single, tiles, certified   the same labels for more: float32, proven
        methods              which of these a problem takes, and why
      digits, exact          sums that no order can change, rounded once
      cycles                 whether a start has come back to where it was
      paths, tracks          whether it has come where an earlier one was, and the steps from there
    silhouette               of a partition
      memory                 partitions that were met before
      targets, sums, small, near, bounds, additions, widths   the sums of distances, kept, changed
    transfers                single points that another cluster would take to a gain
    groups                   points by their cluster
    voronoi, envelope        the plane colored by nearest center
    records                  what goes in and what comes out
    _jit, _borrow, _cache    how functions become kernels, and where they are kept
"""
