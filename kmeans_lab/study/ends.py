"""What the optima of a study are like: sizes of their clusters, and whether a transfer helps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ..data.datasets import Dataset
from ..kernels.crowd import are_many
from ..kernels.transfers import improvable
from ..landscape import cluster_sizes, nearest

LOOKED = 200  # of the optima of a data set and k, the best, a transfer is tried on so many
WORK = 10**9  # products n d k that this may take: some seconds


def described(
    table: pd.DataFrame, centers: "pd.Series[Any]", dataset: Callable[[str], Dataset]
) -> pd.DataFrame:
    """The table of landscape.optima with columns `sizes` and `transfer_improves`.

    centers: (k·d,) of each run. transfer_improves: null for optima that were not looked at, beyond
    the best 200, of large data fewer, of many points none.
    """
    sizes, improved = [], []
    keys = zip(*(table[name] for name in ("dataset", "k", "run", "optimum")), strict=True)
    for name, k, run, optimum in keys:
        X = dataset(name).X
        labels = nearest(X, np.reshape(centers[run], (k, -1)))
        sizes.append(cluster_sizes(labels, k))
        looked = optimum <= min(LOOKED, max(1, WORK // (X.size * k))) and not are_many(*X.shape)
        improved.append(improvable(X, labels, k) if looked else None)
    table.insert(7, "sizes", pd.Series(sizes, dtype=object))
    table.insert(8, "transfer_improves", pd.Series(improved, dtype="boolean"))
    return table
