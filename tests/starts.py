"""Traces of small starts for the tests of what is drawn."""

import numpy as np

from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
from kmeans_lab.trace.trace import from_batch

COLUMNS = ("sepal length (cm)", "sepal width (cm)")


def trace_of(X, k, seed=0, mode="exact", dataset="iris", columns=(), gap=None, **rules):
    """The trace of one start from k points that the seed draws."""
    first = X[np.random.default_rng(seed).choice(len(X), k, replace=False)]
    batch = run_batch(prepare(X, mode), first[None], **rules)
    about = {"dataset": dataset, "init": "random", "seed": seed, "columns": columns, "gap": gap}
    return from_batch(X, k, batch, **about)
