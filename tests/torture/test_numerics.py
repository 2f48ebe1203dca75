"""What is done to the data is done to the result: exactly, or within rounding, or it is refused."""

import math
from fractions import Fraction
from itertools import pairwise, permutations, product

import numpy as np
import pandas as pd
import pytest

import kmeans_lab as kl
import naive
import oracle
from kmeans_lab.data.datasets import from_array, frozen
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.kernels.lloyd import STATUS
from ways import EVERY, RECORDS, WAYS, begun, computed

WHOLES = 27720  # every number up to 12 divides it: means of up to 12 multiples are integers
ROUNDING = 2.0**-52
RULES = {"empty": "relocate", "max_iter": 300, "tol": 0.0}
# The origin decides in kkz; the others' first centers are rounded, which a shift changes.
SHIFTING = sorted(set(INITIALIZERS) - {"kkz", "uniform-box", "bradley-fayyad"})
POWERS = (-900, -500, -400, -300, -1, 1, 300, 400, 500, 900)

rounds = pytest.mark.parametrize(
    "many", [pytest.param(1, id="quick"), pytest.param(40, marks=pytest.mark.torture, id="whole")]
)


def whole(rng, d):
    """Twelve points whose centers and squared distances float64 holds, and first centers."""
    X = WHOLES * rng.integers(0, 6, size=(12, d)).astype(float)
    return X, X[rng.integers(0, 12, size=(4, rng.integers(2, 6)))]


def noise(rng, d):
    """Points and first centers without ties, some of these far away."""
    X = rng.normal(size=(60, d)) + 3 * rng.integers(0, 3, size=(60, 1))
    firsts = np.stack([X[rng.choice(60, size=4, replace=False)] for _ in range(4)])
    firsts[3, 2:] += 1e3
    return X, firsts


def at_the_door(X):
    """The points as the lab takes them, or None where it refuses them in one line."""
    try:
        return from_array(X)
    except kl.DataError as error:
        told = str(error)
    assert "\n" not in told
    return None


def same(here, there, factor=1.0, close=0.0, named=None, rows=slice(None)):
    """Statuses, steps and labels of two batches are equal; inertia by the factor, or close to it.

    named: how each center is called there. rows: where each point stands here.
    """
    for column in ("status", "n_iter", "relocations", "step_moved"):
        assert (getattr(here, column) == getattr(there, column)).all(), column
    for column in ("labels", "step_labels"):
        before, after = getattr(here, column), getattr(there, column)
        if before.size:
            before = before if named is None else named[before]
            assert (before[:, rows] == after).all(), column
    for column in ("initial_inertia", "inertia", "step_inertia"):
        before, after = getattr(here, column) * factor, getattr(there, column)
        assert (np.abs(after - before) <= close * before).all(), column
    np.testing.assert_allclose(here.silhouette, there.silhouette, rtol=0, atol=1e-10)


@rounds
def test_exact_changes_of_whole_data_change_nothing_else(many, rng, tally):
    changed = 0
    for d in (2, 5) * many:
        X, firsts = whole(rng, d)
        for way, record in EVERY:
            here = begun(X, firsts, way, record)
            for power in (20, 27, 40, 49):
                for shift in (2.0**power, -(2.0**power)):
                    same(here, begun(X + shift, firsts + shift, way, record))
            order = rng.permutation(d)
            same(here, begun(X[:, order], firsts[..., order], way, record))
            wider = [np.insert(Z, 1, -7.0, axis=-1) for Z in (X, firsts)]
            same(here, begun(*wider, way, record))
            changed += 10
    assert changed == 120 * many
    tally("exact shifts, columns permuted and added", changed)


@rounds
def test_scales_are_exact_or_refused(many, rng, tally):
    exact = refused = 0
    for d in (2, 5) * many:
        X, firsts = noise(rng, d)
        for power in POWERS:
            factor = 2.0**power
            if (scaled := at_the_door(X * factor)) is None:
                assert abs(power) >= 500
                refused += 1
                continue
            for way, record in EVERY:
                here = begun(X, firsts, way, record)
                there = begun(scaled, firsts * factor, way, record)
                same(here, there, factor * factor)
                assert (here.centers * factor == there.centers).all()
                exact += 1
    assert (exact, refused) == (72 * many, 8 * many)
    tally("scales by a power of two that are exact", exact)
    tally("scales refused in one line", refused)


@rounds
def test_every_init_scales_exactly(many, rng, tally):
    scaled, seeds = 0, np.arange(3)
    for turn, (place, init) in product(range(many), enumerate(INITIALIZERS)):
        X, _ = noise(rng, (2, 5)[(turn + place) % 2])
        for way, record in EVERY:
            _, here = computed(frozen(X), 4, init, seeds, RULES, way, record)
            for power in (-300, 300):
                there = frozen(X * 2.0**power)
                _, rows = computed(there, 4, init, seeds, RULES, way, record)
                for a, b in zip(here, rows, strict=True):
                    assert a["inertia"] * 4.0**power == b["inertia"]
                    for column in ("status", "n_iter", "labels", "partition"):
                        assert a[column] == b[column]
                scaled += 1
    assert scaled == 12 * many * len(INITIALIZERS)
    tally("scales by 2^±300 that are exact, first centers drawn", scaled)


@rounds
def test_inits_that_know_no_origin_shift_exactly(many, rng, tally):
    shifted, seeds = 0, np.arange(3)
    for turn, (place, init) in product(range(many), enumerate(SHIFTING)):
        X, _ = whole(rng, (2, 5)[(turn + place) % 2])
        for way, record in EVERY:
            _, here = computed(frozen(X), 2, init, seeds, RULES, way, record)
            _, there = computed(frozen(X + 2.0**30), 2, init, seeds, RULES, way, record)
            for a, b in zip(here, there, strict=True):
                for column in ("status", "n_iter", "labels", "inertia", "relocations"):
                    assert a[column] == b[column]
            shifted += 1
    assert shifted == 6 * many * len(SHIFTING)
    tally("exact shifts, first centers drawn", shifted)


@rounds
def test_rows_columns_and_centers_may_stand_in_any_order(many, rng, tally):
    changed = 0
    for d in (2, 5) * many:
        X, firsts = noise(rng, d)
        rows, columns, names = rng.permutation(60), rng.permutation(d), rng.permutation(4)
        for way, record in EVERY:
            here = begun(X, firsts, way, record)
            there = begun(X[rows], firsts, way, record)
            same(here, there, rows=rows)
            assert (here.centers == there.centers).all()
            there = begun(X[:, columns], firsts[..., columns], way, record)
            same(here, there, close=(d + 2) * ROUNDING)
            # Relocation goes by the centers' order, which `keep` does not ask for.
            kept = begun(X, firsts, way, record, empty="keep")
            there = begun(X, firsts[:, names], way, record, empty="keep")
            same(kept, there, named=np.argsort(names))
            changed += 3
    assert changed == 36 * many
    tally("permutations of rows, columns and centers", changed)


@rounds
def test_rows_twice_and_a_constant_column(many, rng, tally):
    changed = 0
    for d in (2, 5) * many:
        X, firsts = noise(rng, d)
        for way, record in EVERY:
            here = begun(X, firsts, way, record, empty="keep")
            there = begun(np.tile(X, (2, 1)), firsts, way, record, empty="keep")
            assert (here.n_iter == there.n_iter).all()
            assert (2 * here.inertia == there.inertia).all()
            assert (here.centers == there.centers).all()
            assert (np.tile(here.labels, 2) == there.labels).all()
            for value in (0.1, 1e8 + 0.1):
                wider = [np.insert(Z, d, value, axis=-1) for Z in (X, firsts)]
                here = begun(X, firsts, way, record)
                same(
                    here, begun(*wider, way, record), close=60 * (2 * ROUNDING * value) ** 2 + 1e-15
                )
            changed += 3
    assert changed == 36 * many
    tally("rows twice, constant columns", changed)


def containers(X, folder):
    """The same small whole numbers in everything that can hold them."""
    kept = np.memmap(folder / "X.bin", np.float64, "w+", shape=X.shape)
    kept[:] = X
    wide = np.zeros((2 * len(X), 3 * X.shape[1]))
    wide[::2, ::3] = X
    yield from (np.asfortranarray(X), wide[::2, ::3], X[::-1][::-1], frozen(X.copy()), kept)
    yield np.memmap(folder / "X.bin", np.float64, "r", shape=X.shape)
    yield from (X.astype(kind) for kind in (">f8", "<f4", ">f4", "f2", "g"))
    yield from (X.astype(kind) for kind in ("i1", "u1", "<i2", ">i4", "i8", "u8"))
    yield from (X.tolist(), pd.DataFrame(X), pd.DataFrame(X.astype("i8")))


def test_containers_change_nothing(rng, tmp_path, tally):
    held = 0
    for X in (rng.integers(0, 9, (40, 3)).astype(float), rng.integers(0, 2, (20, 5)).astype(float)):
        given = [*containers(X, tmp_path), *([X.astype(bool)] if X.max() == 1 else [])]
        expected = kl.run_kmeans(X, 4, np.random.default_rng(5), 300)
        for other in given:
            frames = kl.run_kmeans(other, 4, np.random.default_rng(5), 300)
            assert len(frames) == len(expected)
            for a, b in zip(frames, expected, strict=True):
                assert (a["labels"] == b["labels"]).all()
                assert (a["centroids"] == b["centroids"]).all()
            held += 1
    assert held == 41
    tally("containers that hold the same", held)


def at(offset, rng, d):
    """Three blobs at an offset, and the same about 0: the difference is exact."""
    X = rng.normal(size=(45, d)) + 8 * np.repeat(np.arange(3), 15)[:, None] + offset
    return X, X - offset


def true_inertia(X, centers, labels):
    points, held = oracle.fractions(X), oracle.fractions(centers)
    return sum(oracle.distance(x, held[c]) for x, c in zip(points, labels, strict=True))


@rounds
def test_far_from_the_origin_inertia_and_silhouette_are_right(many, rng, tally):
    told = 0
    for d in (2, 5) * many:
        X, near = at(1e8, rng, d)
        k = 3
        firsts = X[[[0, 15, 30], [1, 2, 3], [40, 3, 8]]]
        for way, record in EVERY:
            far = begun(X, firsts, way, record)
            close = begun(near, firsts - 1e8, way, record)
            for r in range(3):
                assert STATUS[far.status[r]] == "converged"
                exact = true_inertia(X, far.centers[r], far.labels[r])
                assert abs(Fraction(far.inertia[r]) - exact) <= (d + 3) * ROUNDING * exact
                ours, theirs = far.inertia[r], close.inertia[r]
                # Centers are held to 1.5e-8 here, and a mean is where inertia is flat.
                assert abs(ours - theirs) <= 45 * d * (2e8 * ROUNDING) ** 2 + 1e-13 * theirs
                assert (far.labels[r] == close.labels[r]).all()
                score = naive.silhouette(near, far.labels[r].astype(int))
                assert abs(far.silhouette[r] - score) <= 1e-10
                assert abs(kl.silhouette_score(X, far.labels[r]) - score) <= 1e-10
                told += 1
        assert len(set(far.labels[0].tolist())) == k
    assert told == 36 * many
    tally("starts at offset 1e8 whose inertia and silhouette are right", told)


@rounds
def test_labels_are_the_nearest_centers_and_inertia_never_rises(many, rng, tally):
    nearest = fell = 0
    for turn, (place, init) in product(range(many), enumerate(INITIALIZERS)):
        d, offset = (2, 5)[(turn + place) % 2], (0.0, 1e8, -1234.5)[(turn + place) % 3]
        X = frozen(at(offset, rng, d)[0][::3])
        for way, record in EVERY:
            steps, runs = computed(X, 4, init, np.arange(2), RULES, way, record)
            nearest += sum(are_nearest(X, row, d) for row in runs)
            fell += falls(X, steps)
    assert nearest == many * len(INITIALIZERS) * len(EVERY) * 2
    assert fell > nearest // 2
    tally("starts whose labels are the nearest centers", nearest)
    tally("steps whose inertia did not rise", fell)


def are_nearest(X, row, d):
    """Whether the labels are the nearest centers, exactly, and inertia their sum."""
    centers = oracle.fractions(np.reshape(row["centers"], (-1, d)))
    labels, away = oracle.assign(oracle.Arithmetic(oracle.fractions(X)), centers)
    assert np.frombuffer(row["labels"], np.uint8).tolist() == labels
    assert row["inertia"] == math.fsum(float(rounded) for _, rounded, _ in away)
    return True


def falls(X, steps):
    """How many steps have no more inertia than the one before, but for rounding.

    A mean is where inertia is flat: an error of it counts squared.
    """
    n, d = X.shape
    error = n * d * (4 * ROUNDING * np.abs(X).max()) ** 2
    pairs = [(a, b) for a, b in pairwise(steps) if b["iteration"] > 1]
    for before, after in pairs:
        assert after["inertia"] <= before["inertia"] * (1 + (d + 3) * ROUNDING) + error
    return len(pairs)


HOSTILE = {
    "largest": lambda X: X / np.abs(X).max() * 1e145,
    "smallest": lambda X: (X - X.min()) / np.ptp(X) * 1e-144,
    "too large": lambda X: X * 1e200,
    "too small": lambda X: X * 1e-200,
    "subnormal": lambda X: X * 1e-310,
    "not finite": lambda X: np.where(X.max() > X, X, np.inf),
    "a wide column": lambda X: X * np.where(np.arange(X.shape[1]) == 0, 1e144, 1e-300),
    "one far point": lambda X: np.where(np.arange(len(X))[:, None] == 7, 1e145, X),
    "a small spread far away": lambda X: 1e16 + np.round(X),
    "all the same": lambda X: np.full_like(X, 1e145),
}


@rounds
def test_no_start_converges_to_what_is_not_finite(many, rng, tally):
    finite = refused = 0
    for turn in range(min(many, 4)):
        for place, change in enumerate(HOSTILE.values()):
            points = at_the_door(change(rng.normal(size=(30, (2, 5)[(place + turn) % 2]))))
            if points is None:
                refused += 1
                continue
            for init, (way, record) in product(INITIALIZERS, EVERY):
                _, runs = computed(points, 3, init, np.arange(2), RULES, way, record)
                finite += sum(is_finite(row) for row in runs)
    assert refused == 4 * min(many, 4)
    assert finite == 6 * min(many, 4) * len(INITIALIZERS) * len(EVERY) * 2
    tally("hostile starts that end finite", finite)
    tally("hostile data refused in one line", refused)


def is_finite(row):
    assert row["status"] in STATUS[:4], row["note"]
    assert math.isfinite(row["inertia"])
    assert np.isfinite(row["centers"]).all()
    return True


@rounds
def test_labels_after_a_relocation_are_the_nearest_centers(many, tally):
    # scikit-learn, issue 34074: labels of before the last relocation were given as the outcome.
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    relocated = 0
    for X in (corners, corners[1:], np.hstack([corners, corners])):
        for far in (10.0, 1e6, 1e12)[: 1 + 2 * (many > 1)]:
            d = X.shape[1]
            away = [np.full(d, 0.5), np.full(d, far), np.where(np.arange(d) == 0, -far, far)]
            firsts = np.array([*permutations(away), *permutations([X[0], *away[1:]])])
            for way, record in EVERY:
                batch = begun(X, firsts, way, record)
                for r, first in enumerate(firsts):
                    expected = oracle.kmeans(oracle.fractions(X), oracle.fractions(first), **RULES)
                    assert batch.labels[r].tolist() == expected.end.labels
                    assert STATUS[batch.status[r]] == expected.status
                    assert batch.relocations[r] == expected.relocations
                    assert (batch.labels[r] == naive.assign(X, batch.centers[r])[0]).all()
                    relocated += expected.relocations > 0
    assert relocated == 3 * (3 if many > 1 else 1) * len(WAYS) * len(RECORDS) * 12
    tally("starts right after a relocation", relocated)
