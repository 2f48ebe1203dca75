"""The reference of a study: the best partition that a search finds for each data set and k."""

import time
from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SpecError
from ..kernels._jit import warm
from ..kernels.crowd import are_many
from ..kernels.partitions import canonical
from ..spec.spec import Spec
from ..store.store import Store
from ..trace.partitions import partition_ids
from .line import best_intervals, provable, told_apart
from .search import Found, means, search, starter

SWAPS = 10_000  # of a data set and k while a study runs; `extend` knows no such limit
SEARCHED, COMPUTED = "random swap + transfers", "dynamic programming"

Pair = tuple[str, int]
Say = Callable[[str], None]


def complete(store: Store, say: Say = lambda _: None) -> None:
    """Search for as long as the spec's [reference] still allows, an equal share for every pair.

    What was found is stored, also when the search is stopped. Raises RunError where another run is
    at work.
    """
    with store.lock(say):
        spec, rows = store.spec(), _rows(store)
        share = spec.reference.seconds / len(pairs(spec))
        left = {
            pair: share - rows[pair]["seconds"] if pair in rows else share for pair in pairs(spec)
        }
        todo = {p: s for p, s in left.items() if s > 0 and not _ended(rows.get(p), SWAPS)}
        _search(store, spec, {pair: (seconds, SWAPS) for pair, seconds in todo.items()}, say)


def extend(store: Store, seconds: float, say: Say = lambda _: None) -> None:
    """Search on for so many seconds, in equal shares for the pairs that are not proven.

    Raises SpecError for no seconds.
    """
    if seconds <= 0:
        raise SpecError(f"seconds is {seconds:g}; allowed: a search of more than 0 seconds")
    warm(say)
    with store.lock(say):
        spec, rows = store.spec(), _rows(store)
        todo = [pair for pair in pairs(spec) if not _ended(rows.get(pair), inf)]
        if todo:
            _search(store, spec, dict.fromkeys(todo, (seconds / len(todo), inf)), say)


def restore(store: Store) -> None:
    """Search again, with as many swaps as study.json tells, what is lost. Needs the lock."""
    spec, swaps = store.spec(), store.about().get("reference", {})
    known = {f"{name}/{k}": (name, k) for name, k in pairs(spec)}
    wanted = {known[label]: (inf, number) for label, number in swaps.items() if label in known}
    _search(store, spec, wanted, lambda _: None)


def pairs(spec: Spec) -> list[Pair]:
    """The pairs of data set and k, in the spec's order."""
    return [(data.label, k) for data in spec.data for k in spec.grid.k]


def _rows(store: Store) -> dict[Pair, dict[str, Any]]:
    return {(row["dataset"], row["k"]): row for row in store.reference()}


def _ended(row: Mapping[str, Any] | None, swaps: float) -> bool:
    """Whether no more is to be found, or not with so many swaps."""
    return row is not None and (row["proven"] or row["swaps"] >= swaps)


def _search(store: Store, spec: Spec, limits: Mapping[Pair, tuple[float, float]], say: Say) -> None:
    """Search for some pairs, each with a limit of seconds and of swaps in all."""
    for name in {name for name, _ in limits if are_many(*store.first(name)["shape"])}:
        say(f"no search for better partitions of {name}: its points are too many")
        limits = {pair: limit for pair, limit in limits.items() if pair[0] != name}
    if not limits:
        return
    if (total := sum(seconds for seconds, _ in limits.values())) < inf:
        say(f"searching for better partitions than the starts end in, {total:.1f} s at most")
    for pair, (seconds, swaps) in limits.items():
        _search_one(store, spec, pair, seconds, swaps)


def _search_one(store: Store, spec: Spec, pair: Pair, seconds: float, swaps: float) -> None:
    """Search for one pair, and store what was found, also when the user stops it."""
    (name, k), rows, began = pair, _rows(store), time.perf_counter()
    before, X = rows.get(pair), store.dataset(name).X
    best: Found | None = None
    try:
        for best in _partitions(X, k, spec.seed, before):
            done = best.proven or best.swaps >= swaps
            if done or time.perf_counter() - began >= seconds:
                break
    finally:
        if best is not None:
            spent = (before["seconds"] if before else 0.0) + time.perf_counter() - began
            line = best.proven and provable(X, k)
            method = COMPUTED if line else SEARCHED
            about = {"dataset": name, "k": k, "method": method, "seed": spec.seed, "seconds": spent}
            rows[pair] = about | _columns(best)
            store.save_reference([rows[each] for each in pairs(spec) if each in rows])


def _partitions(
    X: NDArray[np.float64], k: int, seed: int, before: Mapping[str, Any] | None
) -> Iterable[Found]:
    """Ever better partitions, beginning with the stored one."""
    if provable(X, k) and (optimum := _optimum(X, k)).proven:
        return iter([optimum])
    if before is None:
        return search(X, k, seed)
    return search(X, k, seed, np.reshape(before["centers"], (k, -1)), before["swaps"])


def _optimum(X: NDArray[np.float64], k: int) -> Found:
    """The best intervals of one feature, as the outcome of a start from their means."""
    labels = best_intervals(X[:, 0], k)
    run = starter(X, k)
    ended = run(means(X, labels, k)[None])
    inertia = float(ended.inertia[0])
    return Found(inertia, ended.centers[0], ended.labels[0], 0, told_apart(X[:, 0], inertia))


def _columns(found: Found) -> dict[str, Any]:
    return {
        "inertia": found.inertia,
        "centers": found.centers.ravel().tolist(),
        "partition": partition_ids(canonical(found.labels[None]))[0],
        "proven": found.proven,
        "swaps": found.swaps,
    }
