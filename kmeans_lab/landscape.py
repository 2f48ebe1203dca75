"""Where starts end: the optima of a (dataset, k), their basins, and labels made comparable."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .statistics import best_known, gaps

__all__ = ["OPTIMA", "cluster_sizes", "match_labels", "nearest", "optima"]

OPTIMA = {
    "dataset": "str",
    "k": "int32",
    "optimum": "int64",
    "inertia": "float64",
    "gap": "float64",
    "silhouette": "float64",
    "ari": "float64",
    "starts": "int64",
    "share": "float64",
    "run": "int64",
    "init": "str",
    "seed": "int64",
    "partition": "str",
}


def optima(runs: pd.DataFrame, best: Mapping[tuple[str, int], float] | None = None) -> pd.DataFrame:
    """One row for each optimum, those of a (dataset, k) by rising inertia.

    runs: columns run, dataset, k, init, seed, status, inertia, silhouette, ari, partition.
    best: the best known inertia by (dataset, k); default: the lowest in `runs`.

    Columns: those of OPTIMA. `optimum` counts from 1; equal inertias of different partitions stand
    in the order of their lowest run. `starts` ended there, `share` of all starts of that
    (dataset, k); then for each init `starts[init]` and `share[init]`, the share being that of the
    cell's starts, whatever their status: its basin. `run`, `init`, `seed` name the lowest run that
    ended there; inertia, silhouette and ari are its own.
    """
    ordered = runs.sort_values("run")
    inits = list(dict.fromkeys(ordered["init"]))
    tables = [
        _of_pair(group, inits, (best or {}).get((group["dataset"].iloc[0], group["k"].iloc[0])))
        for _, group in ordered.groupby(["dataset", "k"], sort=False)
    ]
    tables = [table for table in tables if len(table)]
    if tables:
        return pd.concat(tables, ignore_index=True)
    extra = {f"starts[{init}]": "int64" for init in inits}
    extra |= {f"share[{init}]": "float64" for init in inits}
    return pd.DataFrame(columns=[*OPTIMA, *extra]).astype(OPTIMA | extra)


def _of_pair(group: pd.DataFrame, inits: list[str], best: float | None) -> pd.DataFrame:
    """Optima of one (dataset, k); `group`: all its starts by rising run."""
    ended = group[group["status"] == "converged"]
    table = ended.drop_duplicates("partition").sort_values(["inertia", "run"])
    counts = pd.crosstab(ended["partition"], ended["init"])
    counts = counts.reindex(index=table["partition"], columns=inits, fill_value=0)
    totals = group["init"].value_counts().reindex(inits).to_numpy()
    starts = counts.sum(axis=1).to_numpy()
    known = best_known(group["inertia"]) if best is None else best
    table = table.assign(
        optimum=np.arange(1, len(table) + 1),
        gap=gaps(table["inertia"], known),
        starts=starts,
        share=starts / max(len(group), 1),
    )
    table = table[list(OPTIMA)].astype(OPTIMA)
    for init in inits:
        table[f"starts[{init}]"] = counts[init].to_numpy(np.int64)
    for init, total in zip(inits, totals, strict=True):
        table[f"share[{init}]"] = counts[init].to_numpy() / total
    return table


def nearest(X: NDArray[np.float64], centers: ArrayLike) -> NDArray[np.uint16]:
    """Labels (n,) of `X` (n, d): the nearest of the centers (k, d), the lowest index on a tie.

    The labels of every outcome, to the bit.
    """
    from .kernels import distance

    columns = np.asarray(X, dtype=np.float64), np.asarray(centers, dtype=np.float64)
    return distance.nearest(*columns)[0]


def cluster_sizes(labels: NDArray[np.integer], k: int) -> tuple[int, ...]:
    """Members of each of the k clusters of `labels` (n,), largest first.

    >>> cluster_sizes(np.array([0, 2, 2]), 3)
    (2, 1, 0)
    """
    return tuple(sorted(np.bincount(labels, minlength=k).tolist(), reverse=True))


def match_labels(reference: ArrayLike, labels: ArrayLike, k: int) -> NDArray[np.int64]:
    """New names (k,) for the clusters of `labels`, so that most points agree with `reference`.

    reference, labels: (n,) integers below k, negative where unassigned. Cluster c of `labels`
    becomes `result[c]`. Among equally good renamings one that keeps more names is taken.
    Source: Kuhn, The Hungarian method for the assignment problem (1955), on the overlap counts.

    >>> match_labels([0, 0, 1, 2], [2, 2, 0, 1], 3)
    array([1, 2, 0])
    """
    from scipy.optimize import linear_sum_assignment

    wanted, given = np.asarray(reference, np.int64), np.asarray(labels, np.int64)
    known = (wanted >= 0) & (given >= 0)
    overlap = np.bincount(given[known] * k + wanted[known], minlength=k * k).reshape(k, k)
    # One point more outweighs all k names kept.
    weights = overlap * (k + 1) + np.eye(k, dtype=np.int64)
    return np.asarray(linear_sum_assignment(weights, maximize=True)[1], np.int64)
