"""Forecasts against what studies then take, and the size of blocks."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.runner import compute, runner
from kmeans_lab.runner.compute import settings
from kmeans_lab.runner.forecast import (
    BLOCK,
    PROGRAM,
    ROOM,
    Cost,
    Pace,
    Sample,
    _seconds,
    many,
    memory,
    pace,
    predict,
    seconds,
    starts_per_block,
)
from kmeans_lab.spec.plan import Cell, cells
from kmeans_lab.spec.resolve import resolve
from kmeans_lab.spec.spec import Spec, read
from kmeans_lab.store.store import Store
from studies import write_points, write_spec


def on_disk(folder):
    store = Store(folder)
    return sum(
        store.path(table, name).stat().st_size
        for table in ("runs", "steps")
        for name in store.names(table)
    )


def compare(spec, tmp_path):
    """Predicted and true bytes, predicted and true steps of a start."""
    resolved = resolve(spec)
    costs = predict(*resolved)
    store = Store(runner.run(spec, results=tmp_path))
    true = store.runs().to_pandas().groupby(["k", "init"], sort=False)["n_iter"].mean()
    steps = [(cost.steps, true[cost.cell.k, cost.cell.init]) for cost in costs]
    return sum(cost.bytes * cost.cell.starts for cost in costs), on_disk(store.folder), steps


def test_iris_takes_the_disk_and_steps_that_were_forecast(tmp_path):
    spec = Spec(
        name="iris",
        runs=1000,
        data=[{"source": "iris", "columns": [0, 1], "truth": "species"}],
        grid={"k": [3], "init": ["random", "k-means++"]},
    )
    predicted, true, steps = compare(spec, tmp_path)
    assert true / 2 < predicted < true * 2
    assert all(fact / 1.5 < guess < fact * 1.5 for guess, fact in steps)


@pytest.mark.parametrize("labels", ["final", "all"])
def test_s1_takes_the_disk_and_steps_that_were_forecast(tmp_path, reference, labels):
    spec = Spec(
        name="s1",
        runs=48,
        data=[{"source": str(reference / "s1.csv")}],
        grid={"k": [15], "init": ["random"]},
        record={"silhouette": "none", "labels": labels},
    )
    predicted, true, steps = compare(spec, tmp_path)
    assert true / 2 < predicted < true * 2
    assert all(fact / 2 < guess < fact * 2 for guess, fact in steps)


def test_a_forecast_writes_nothing_and_knows_every_cell(tmp_path, rng):
    write_points(tmp_path, rng)
    spec, datasets = resolve(read(write_spec(tmp_path, more="[record]\nsteps = false\n")))
    costs = predict(spec, datasets)
    assert [cost.cell for cost in costs] == [*cells(spec)]
    assert all(min(cost.seconds, cost.steps, cost.room, cost.bytes) > 0 for cost in costs)
    assert memory(costs, 2) > 2 * max(cost.room for cost in costs)
    assert {path.name for path in tmp_path.iterdir()} == {"points.csv", "spec.toml"}


@pytest.mark.parametrize("silhouette", ["exact", "sampled", "none"])
@pytest.mark.parametrize(("n", "d", "k"), [(1200, 8, 4), (6000, 2, 60)])
def test_memory_is_what_data_and_silhouettes_take(tmp_path, rng, n, d, k, silhouette):
    """Distances of 12 MB are kept of the first, sums of 4 MB of the second: where they are used."""
    np.save(tmp_path / "points.npy", rng.normal(size=(n, d)))
    spec, datasets = resolve(
        Spec(
            name="s",
            runs=1,
            data=[{"source": str(tmp_path / "points.npy")}],
            grid={"k": [k], "init": ["random"]},
            lloyd={"max_iter": 2},
            record={"steps": False, "labels": "none", "silhouette": silhouette},
        )
    )
    costs, (cell,) = predict(spec, datasets), cells(spec)
    compute._problem.cache_clear()
    tracemalloc.start()
    compute.compute(datasets["points"], cell, settings(spec, "points"), np.arange(1), np.arange(1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.9 * peak < memory(costs, 1) - PROGRAM < 1.1 * peak
    assert memory(costs, 3) == memory(costs, 1)  # one start, one worker
    costs = [costs[0]._replace(cell=replace(cell, starts=10**6))]
    assert memory(costs, 3) - memory(costs, 1) > 1.9 * costs[0].own


def test_starts_that_all_fail_have_a_pace_too(tmp_path, rng):
    write_points(tmp_path, rng)
    (tmp_path / "mine.py").write_text("def init(X, n_clusters, random_state):\n    return None\n")
    spec, datasets = resolve(read(write_spec(tmp_path, init=["mine:init"], k=(2,))))
    (cell,) = cells(spec)
    assert pace(datasets["points"], cell, settings(spec, "points")).steps == 0
    assert np.isfinite(predict(spec, datasets)[0].bytes)


@given(st.floats(1e-9, 1e4), st.floats(0, 1e10), st.integers(1, 10**6), st.integers(1, 64))
def test_a_block_is_seconds_of_work_that_fit_in_memory(each, room, starts, jobs):
    size = starts_per_block(Pace(each, 1.0, room), starts, jobs)
    assert 1 <= size <= starts
    assert size == 1 or (size * each <= BLOCK and size * room <= ROOM)
    if each * starts >= 1.0 and starts >= jobs:
        assert -(-starts // size) >= min(starts, jobs)


def priced(seconds, starts, shares=False):
    cell = Cell("a", 3, "random", 0, starts, False)
    return Cost(cell, seconds, 1.0, 1.0, 1.0, 10**6, 10**6, before=1.0, shares=shares)


@pytest.mark.parametrize(
    ("costs", "jobs", "expected"),
    [
        ([priced(60.0, 1)], 8, 61),  # nobody helps
        ([priced(60.0, 3)], 2, 121),
        ([priced(60.0, 5)], 4, 121),
        ([priced(60.0, 1, shares=True)], 8, 1 + 60 / 8),
        ([priced(60.0, 5, shares=True)], 4, 121),
        ([priced(60.0, 3), priced(20.0, 3)], 2, 2 + 60 + 3 * 20),
        ([priced(60.0, 0)], 2, 0),
        ([priced(60.0, 10**6)], 2, 1 + 60 * 10**6 / 2),
    ],
)
def test_time_is_that_of_the_worker_who_is_busy_longest(costs, jobs, expected):
    assert seconds(costs, [cost.cell.starts for cost in costs], jobs) == pytest.approx(expected)


def test_workers_without_a_block_take_no_memory():
    assert memory([priced(60.0, 2)], 64) == memory([priced(60.0, 2)], 2)
    assert memory([priced(60.0, 2)], 2) > memory([priced(60.0, 1)], 2)


def test_a_start_cut_off_takes_for_silhouettes_what_its_points_move():
    """Half of a start's points move in the steps that are seen: twice what they took."""

    def sample(seconds, moved, n_iter, longer):
        steps, runs = pa.table({"moved": moved}), pa.table({"n_iter": [n_iter]})
        return Sample(1, seconds, steps, runs, longer)

    scored, plain = sample(10.0, [900, 100], 2, 2.0), sample(4.0, [900, 100, *[50] * 20], 22, 1.0)
    seen = 4.0 * 2 / 22
    assert _seconds(scored, plain) == pytest.approx(4.0 + (10.0 - seen) * 2)
    assert _seconds(scored._replace(longer=1.0), plain) == pytest.approx(10.0 * 22 / 2)
    assert _seconds(scored, sample(0.1, [], 0, 1.0)) == 20.0  # none of the others served


def test_a_billion_starts_are_as_many_of_each_cell_that_has_many():
    def cost(seconds, room, deterministic):
        cell = Cell("a", 3, "random", 0, 9, deterministic)
        return Cost(cell, seconds, 1.0, 1.0, room, 1, 1)

    costs = [cost(0.002, 100.0, False), cost(0.004, 300.0, False), cost(9.0, 9e9, True)]
    assert many(costs, 10**9, 4) == pytest.approx((0.003 * 10**9 / 4 / 3600, 200e9))
    assert many(costs[2:], 10, 1) == (90 / 3600, 90e9)
