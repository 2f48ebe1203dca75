"""Every start is the exact k-means of the contract, wherever float64 can tell."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import oracle_inits
from kmeans_lab.data.datasets import distinct, frozen
from kmeans_lab.errors import SpecError
from kmeans_lab.kernels.first_centers import draw
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.spec.resolve import resolve
from kmeans_lab.spec.spec import Spec
from ways import EVERY, computed

QUICK, WHOLE = 60, 2000  # cases
RULES = ("relocate", "keep", "fail")
STATUSES = {"converged", "max_iter", "tol", "cycle", "empty_cluster"}
WHOLES = 27720  # every number up to 12 divides it: means of up to 12 multiples are integers


@st.composite
def cases(draw):
    """Points on a small lattice, with ties and duplicates, and all that a start obeys."""
    n, d = draw(st.integers(2, 10)), draw(st.sampled_from([1, 2, 2, 3, 4, 5]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    X = random.integers(0, draw(st.integers(2, 5)), size=(n, d)).astype(float)
    X = X[random.integers(0, n, size=n)] if draw(st.booleans()) else X
    X = frozen(X * draw(st.sampled_from([1, 1, WHOLES])))
    return (
        X,
        # A start with more centers than distinct points, as the notebook's call allows, may cycle.
        draw(st.integers(1, distinct(X))) if draw(st.integers(0, 7)) else n,
        draw(st.sampled_from(sorted(INITIALIZERS))),
        draw(st.integers(0, 2**31)) + np.arange(3),
        {
            "empty": draw(st.sampled_from(RULES)),
            "max_iter": draw(st.sampled_from([1, 2, 300, 300])),
            "tol": draw(st.sampled_from([0.0, 0.0, 0.01, 0.3])),
        },
    )


def labels_of(row):
    return np.frombuffer(row["labels"], np.uint8).tolist()


def centers_of(row, d):
    return oracle.fractions(np.reshape(row["centers"], (-1, d)))


def check_steps(rows, steps, labeled, d):
    """Rows of steps are the oracle's to the bit."""
    assert [row["iteration"] for row in rows] == [*range(1, len(steps) + 1)]
    assert [centers_of(row, d) for row in rows] == [step.centers for step in steps]
    assert [row["inertia"] for row in rows] == [step.inertia for step in steps]
    assert [row["moved"] for row in rows] == [step.moved for step in steps]
    if labeled:
        assert [labels_of(row) for row in rows] == [step.labels for step in steps]


def check_outcome(row, start, d):
    """A row of runs is the oracle's to the bit."""
    assert (row["status"], row["n_iter"]) == (start.status, len(start.steps))
    assert row["relocations"] == start.relocations
    assert row["initial_inertia"] == start.steps[0].inertia
    if start.end is None:
        assert row["inertia"] is row["labels"] is row["centers"] is None
    else:
        assert row["inertia"] == start.end.inertia
        assert labels_of(row) == start.end.labels
        assert centers_of(row, d) == start.end.centers


def check_exact(X, start, rounded):
    """Rounded inertia is the exact one as far as rounding can lead; the same where all is whole."""
    n, d = X.shape
    for step in start.steps + ([start.end] if start.end else []):
        reach = max(1, np.abs(X).max())
        lost = oracle.UNIT * (n + 1) * (20 * d + 4 * d * d) * int(reach) ** 2
        assert abs(oracle.Fraction(step.inertia) - step.exact) <= lost
        assert rounded or step.inertia == step.exact


def check_refused(folder, X, k):
    """One center more than distinct points is refused in the contract's words."""
    np.save(folder / "points.npy", X)
    grid = {"k": [k + 1], "init": ["first"]}
    asked = {"name": "a", "runs": 1, "data": [{"source": "points.npy"}], "grid": grid}
    with pytest.raises(SpecError) as refused:
        resolve(Spec(base=folder, **asked))
    many = f"{k} distinct points" if len(X) > k else f"{k} points"
    told = f"[grid] k is {k + 1}, but 'points' has {many}; allowed: up to {k}"
    assert told in str(refused.value)


def check_case(folder, case, counts):
    """One case in every way and every record; what it met goes into the counts."""
    X, k, init, _, rules = case
    check_refused(folder, X, distinct(X))
    if k <= distinct(X):
        counts.update([(init, rules["empty"]), f"k={k}"])
    starts = None
    for way, record in EVERY:
        steps, runs = computed(*case, way, record)
        if runs[0]["status"] == "error":
            assert (init, X.shape[1]) == ("pca-part", 1)
            assert "two features" in runs[0]["note"]
            return
        starts = starts or from_firsts(case, steps, counts)
        check_rows(X, starts, steps, runs, record)
    told = [start for start in starts if start.ties]
    counts["undecidable"] += bool(told)
    counts.update(start.status for start in starts)
    counts.update(rule for start in told for rule in set(start.ties))
    whole = X.max() >= WHOLES and init in ON_LATTICE
    assert not (whole and any(oracle.NEAR in s.ties or oracle.FAR in s.ties for s in told))
    for start in starts:
        check_exact(X, start, not whole)


ON_LATTICE = set(INITIALIZERS) - {"uniform-box", "bradley-fayyad"}  # or at means of its points


def from_firsts(case, steps, counts):
    """The oracle's starts from the first centers that the lab drew."""
    X, k, init, seeds, rules = case
    firsts = [centers_of(row, X.shape[1]) for row in steps if row["iteration"] == 1]
    assert [len(first) for first in firsts] == [k] * len(seeds)
    check_firsts(X, k, init, seeds, firsts, counts)
    points, known = oracle.fractions(X), {}
    for first in map(tuple, firsts):
        known[first] = known.get(first) or oracle.kmeans(points, list(first), **rules)
    return [known[tuple(first)] for first in firsts]


def check_firsts(X, k, init, seeds, firsts, counts):
    """First centers that are chosen by distances are those chosen by exact ones."""
    twins = oracle_inits.AMONG_POINTS | (oracle_inits.AMONG_MEANS if X.max() >= WHOLES else {})
    if init == "random":
        assert firsts == [
            oracle.fractions(X[np.random.default_rng(seed).choice(len(X), k, replace=False)])
            for seed in seeds
        ]
    elif init in twins:
        chosen = [
            twins[init](oracle.fractions(X), k, np.random.default_rng(seed)) for seed in seeds
        ]
        assert firsts == [oracle_inits.rounded(centers) for centers in chosen]
        counts["first centers"] += len(firsts)


def check_rows(X, starts, steps, runs, record):
    begun = 0
    for start, row in zip(starts, runs, strict=True):
        if oracle.SHIFT in start.ties:
            return
        check_outcome(row, start, X.shape[1])
        if record[0]:
            rows = steps[begun : begun + row["n_iter"]]
            check_steps(rows, start.steps, record[1] == "all", X.shape[1])
            begun += row["n_iter"]
    assert len(steps) == begun


def check_cases(folder, tally, wanted):
    """So many cases, and what they met."""
    counts, met = Counter(), []

    @settings(max_examples=wanted)
    @given(cases())
    def check(case):
        met.append(1)
        check_case(folder, case, counts)

    check()
    assert len(met) >= wanted
    assert counts["undecidable"] <= len(met) // 100
    tally("cases equal to exact k-means", len(met))
    tally("first centers equal to those chosen by exact distances", counts["first centers"])
    for rule in ("undecidable", oracle.NEAR, oracle.FAR, oracle.SHIFT, *sorted(STATUSES)):
        tally(f"of them {rule}", counts[rule])
    return counts


def test_a_rounding_tie_is_proven_and_told(tmp_path):
    # 5 is as far from 20/3 as from 10/3, but not from what float64 holds of them.
    X, counts = np.array([[7.0], [4.0], [1.0], [5.0], [6.0], [7.0]]), Counter()
    rules = {"empty": "relocate", "max_iter": 300, "tol": 0.0}
    check_case(tmp_path, (frozen(X), 2, "first", np.arange(1), rules), counts)
    assert counts["undecidable"] == counts[oracle.NEAR] == 1


@given(st.lists(st.integers(0, 3), min_size=1, max_size=10))
def test_a_number_that_meets_a_running_sum_draws_the_point_after_it(weights):
    """By chance none of 53 bits does; zero meets the sum before the first point."""
    weights = [*weights, 32 - sum(weights)]  # a power of two, so that u times it is exact
    reached = np.cumsum(weights, dtype=float)
    for met in (0.0, *reached[:-1]):
        assert draw(reached, met / 32) == oracle_inits.draw(weights, met / 32)


def test_starts_are_the_exact_ones(tmp_path, tally):
    counts = check_cases(tmp_path, tally, QUICK)
    assert counts["converged"] > QUICK


@pytest.mark.torture
def test_thousands_of_starts_are_the_exact_ones(tmp_path, tally):
    counts = check_cases(tmp_path, tally, WHOLE)
    assert set(counts) >= STATUSES
    assert all(counts[init, rule] for init in INITIALIZERS for rule in RULES)
    assert all(counts[f"k={k}"] for k in range(1, 11))
