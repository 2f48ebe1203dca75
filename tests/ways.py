"""Small starts in every way the lab has: how the nearest centers are found, what is recorded."""

from contextlib import contextmanager
from itertools import product
from pathlib import Path
from unittest.mock import patch

import numpy as np

from kmeans_lab.data.datasets import Dataset
from kmeans_lab.kernels import methods
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
from kmeans_lab.runner.compute import Settings, compute
from kmeans_lab.spec.plan import Cell

# Small data take the plain way, unless the others are told to take any.
WAYS = {"plain": 10**6, "boxed or certified": 1}
# Whole traces and bare outcomes may join another's way; with the last labels alone none does.
RECORDS = ((True, "all"), (True, "final"), (False, "final"))
EVERY = tuple(product(WAYS, RECORDS))


@contextmanager
def taking(way):
    """Data of any size take this way."""
    smallest = WAYS[way]
    with patch.multiple(methods, SMALLEST_BOXED=smallest, SMALLEST_CERTIFIED=smallest):
        yield


def computed(X, k, init, seeds, rules, way, record):
    """The rows of steps and runs that a study would store."""
    names = tuple(f"{way} {j}" for j in range(X.shape[1]))  # data sets of their own
    steps, labels = record
    chosen = Settings(**rules, steps=steps, labels=labels, silhouette="exact", base=Path("/"))
    runs = np.arange(len(seeds))
    with taking(way):
        cell = Cell("lattice", k, init, 0, len(seeds))
        tables = compute(Dataset("lattice", X, names, names), cell, chosen, runs, seeds)
    return [table.to_pylist() for table in tables]


def begun(X, firsts, way, record, **rules):
    """The batch of starts from first centers (R, k, d)."""
    steps, labels = record
    with taking(way):
        return run_batch(prepare(X), firsts, steps=steps, labels=labels, **rules)
