"""Frames, captions and the tables they come from."""

import numpy as np
import pyarrow as pa
import pytest

from kmeans_lab.errors import RunError
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.kernels.records import prepare
from kmeans_lab.trace import tables
from kmeans_lab.trace.partitions import partition_ids, partitions
from kmeans_lab.trace.tables import (
    RUNS_SCHEMA,
    STEPS_SCHEMA,
    failed_table,
    runs_table,
    steps_table,
    unpack_labels,
)
from kmeans_lab.trace.trace import Trace, from_batch, from_tables


def first_centers(X, k, seeds):
    return np.array([X[np.random.default_rng(s).choice(len(X), k, replace=False)] for s in seeds])


def trace_of(X, k, seed, mode="exact", **rules):
    batch = run_batch(prepare(X, mode), first_centers(X, k, [seed]), **rules)
    return from_batch(X, k, batch, dataset="iris", init="random", seed=seed)


def tables_of(X, k, seeds, **rules):
    batch = run_batch(prepare(X, "exact"), first_centers(X, k, seeds), **rules)
    runs, seeds = 10 + np.array(seeds), np.array(seeds)
    ends, who = partitions(batch), ("iris", k, "random")
    ari = np.full(len(ends.labels), np.nan)
    return (
        runs_table(*who, runs, seeds, batch, ends=ends, ari=ari, labels=True, seconds=0.5),
        steps_table(runs, k, batch),
        batch,
    )


def same_frames(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert [a[key] for key in ("phase", "iteration", "description")] == [
            b[key] for key in ("phase", "iteration", "description")
        ]
        np.testing.assert_array_equal(a["centroids"], b["centroids"])
        np.testing.assert_array_equal(a["labels"], b["labels"])


@pytest.mark.parametrize(("seed", "steps"), [(7, 19), (128, 18)])
def test_phases_and_iterations_of_a_converged_start(iris2, seed, steps):
    trace = trace_of(iris2, 3, seed)
    assert [frame["phase"] for frame in trace] == [
        "init",
        *["assign", "update"] * steps,
        "converged",
    ]
    assert [frame["iteration"] for frame in trace] == [
        0,
        *np.repeat(np.arange(1, steps + 1), 2),
        steps,
    ]
    assert trace[-1]["description"] == f"Converged after {steps} steps: no point changed cluster"


def test_frames_show_the_centers_and_labels_of_their_half_step(iris2):
    trace = trace_of(iris2, 3, 7)
    init, assign, update = trace[:3]
    assert (init["labels"] == -1).all()
    np.testing.assert_array_equal(init["centroids"], first_centers(iris2, 3, [7])[0])
    np.testing.assert_array_equal(assign["centroids"], init["centroids"])
    np.testing.assert_array_equal(update["labels"], assign["labels"])
    means = [iris2[assign["labels"] == j].mean(axis=0) for j in range(3)]
    np.testing.assert_allclose(update["centroids"], means, rtol=1e-14)
    np.testing.assert_array_equal(trace[-1]["centroids"], trace[-2]["centroids"])


def test_a_trace_is_a_sequence(iris2):
    trace = trace_of(iris2, 3, 7)
    assert trace[-1]["phase"] == trace[len(trace) - 1]["phase"] == "converged"
    same_frames(trace[::-1], list(reversed(trace)))
    with pytest.raises(IndexError):
        trace[len(trace)]


def test_a_frame_can_be_written_to_without_changing_the_trace(iris2):
    trace = trace_of(iris2, 3, 7)
    frame = trace[2]
    frame["centroids"][:] = 0
    frame["labels"][:] = 0
    same_frames(trace, trace_of(iris2, 3, 7))
    assert trace[2]["centroids"].any()


@pytest.mark.parametrize(
    ("rules", "status", "frames", "caption"),
    [
        ({"max_iter": 15}, "max_iter", 31, "Step 15 · update: cut off here by max_iter"),
        ({"tol": 0.5}, "tol", 5, "Step 2 · update: stopped here by tol"),
    ],
)
def test_the_last_caption_says_why_a_start_was_cut_off(iris2, rules, status, frames, caption):
    trace = trace_of(iris2, 3, 7, **rules)
    assert (trace.status, len(trace)) == (status, frames)
    assert trace[-1]["description"].startswith(caption)
    assert not any(frame["phase"] == "converged" for frame in trace)


def test_an_emptied_cluster_ends_a_start_before_its_update():
    X = np.array([[0.0], [0.0], [1.0], [2.0]])
    batch = run_batch(prepare(X, "none"), X[[[0, 1]]], empty="fail")
    trace = from_batch(X, 2, batch)
    assert trace.status == "empty_cluster"
    assert [frame["phase"] for frame in trace] == ["init", "assign"]
    assert trace[-1]["description"] == "Step 1 · assign: stopped here, a cluster is empty"


def test_a_cycle_is_told():
    X = np.array([[0.0], [0.0], [1.0], [1.0]])  # three clusters, two places
    trace = from_batch(X, 3, run_batch(prepare(X, "none"), X[[[0, 1, 2]]]))
    assert trace.status == "cycle"
    assert "cycle" in trace[-1]["description"]
    assert "cycle" in trace.title


def test_title_tells_who_and_how_it_ended(iris2):
    trace = trace_of(iris2, 3, 128)
    assert trace.title == "iris, k = 3, random, seed 128 · inertia 37.086 · converged in 18 steps"
    batch = run_batch(prepare(iris2, "none"), first_centers(iris2, 1, [0]), max_iter=1)
    one = from_batch(iris2, 1, batch, gap=0.001)
    assert one.title == "k = 1 · inertia 130.48 · gap 0.10 % · cut off after 1 step"


@pytest.mark.parametrize("rules", [{}, {"max_iter": 4}, {"empty": "keep"}])
def test_a_recorded_trace_is_the_replayed_one(iris2, rules):
    seeds = list(range(40))
    runs, steps, _ = tables_of(iris2, 4, seeds, **rules)
    for row, seed in enumerate(seeds):
        of_one = steps.filter(pa.compute.equal(steps["run"], 10 + seed))
        recorded = from_tables(iris2, runs.slice(row, 1), of_one)
        replayed = trace_of(iris2, 4, seed, **rules)
        same_frames(recorded, replayed)
        for name in ("inertia", "silhouette", "silhouette_se", "moved"):
            np.testing.assert_array_equal(getattr(recorded, name), getattr(replayed, name))
        assert recorded.title == replayed.title
        assert (recorded.run, recorded.seed) == (10 + seed, seed)


def test_a_recorded_start_without_all_its_steps_is_no_trace(iris2):
    runs, steps, _ = tables_of(iris2, 3, [7])
    with pytest.raises(RunError, match="18 of its 19 steps"):
        from_tables(iris2, runs, steps.slice(1))


def test_tables_have_the_promised_types(iris2):
    runs, steps, batch = tables_of(iris2, 3, [0, 1, 2])
    assert runs.schema.equals(RUNS_SCHEMA)
    assert steps.schema.equals(STEPS_SCHEMA)
    assert runs["n_iter"].to_pylist() == batch.step_counts.tolist()
    counts = [range(1, count + 1) for count in batch.step_counts]
    assert steps["iteration"].to_pylist() == [i for count in counts for i in count]
    assert steps["moved"][0].as_py() == len(iris2)
    assert runs["labels"][1].as_py() == batch.labels[1].astype("u1").tobytes()
    assert runs["centers"][1].as_py() == batch.centers[1].ravel().tolist()
    assert steps["centers"][0].as_py() == first_centers(iris2, 3, [0]).ravel().tolist()
    assert runs["ari"].null_count == runs["silhouette_se"].null_count == 3


def test_more_than_256_clusters_take_two_bytes_a_label(rng):
    X = rng.normal(size=(300, 2))
    runs, steps, batch = tables_of(X, 257, [5])
    packed = np.frombuffer(runs["labels"][0].as_py(), "<u2")
    np.testing.assert_array_equal(packed, batch.labels[0])
    np.testing.assert_array_equal(unpack_labels(steps["labels"], 257), batch.step_labels)
    assert packed.max() > 255


@pytest.mark.parametrize("reach", [1, 450, 1000])
def test_what_offsets_do_not_reach_stands_in_parts(monkeypatch, reach):
    X = np.repeat(np.arange(30.0), 5)[:, None]
    seeds, rules = range(20), {"empty": "fail"}  # equal first centers are null, among others
    whole = tables_of(X, 5, seeds, **rules)[:2]
    assert 0 < whole[0]["labels"].null_count < 20
    monkeypatch.setattr(tables, "REACH", reach)
    for table, parted in zip(whole, tables_of(X, 5, seeds, **rules)[:2], strict=True):
        assert parted.equals(table)
        assert max(map(len, parted["labels"].chunks)) == max(1, reach // len(X))
        parted.validate(full=True)


def test_outcomes_that_are_not_there_are_null():
    X = np.array([[0.0], [0.0], [1.0], [2.0]])
    batch = run_batch(prepare(X, "exact"), X[[[0, 1], [0, 3]]], empty="fail")
    who, ends = ("d", 2, "x", np.arange(2), np.arange(2)), partitions(batch)
    ari = np.ones(len(ends.labels))
    table = runs_table(*who, batch, ends=ends, ari=ari, labels=True, seconds=0.0)
    emptied, ended = table.to_pylist()
    assert (emptied["status"], emptied["n_iter"]) == ("empty_cluster", 1)
    null = {name for name, value in emptied.items() if value is None}
    assert {"inertia", "silhouette", "ari", "partition", "centers", "labels"} <= null
    assert emptied["initial_inertia"] == 5.0
    assert ended["status"] == "converged"
    assert ended["centers"] == [1 / 3, 2.0]
    assert ended["labels"] == b"\0\0\0\1"


def test_failed_starts_keep_only_their_name_and_reason():
    row = failed_table("d", 2, "m:f", np.array([4]), np.array([9]), ["ValueError: no"]).to_pylist()[
        0
    ]
    kept = {name: value for name, value in row.items() if value is not None}
    assert kept == {
        "run": 4,
        "dataset": "d",
        "k": 2,
        "init": "m:f",
        "seed": 9,
        "status": "error",
        "n_iter": 0,
        "relocations": 0,
        "note": "ValueError: no",
        "seconds": 0.0,
    }
    assert row["status"] in STATUS


def test_partitions_have_one_name_whatever_the_labels(iris2):
    batch = run_batch(prepare(iris2, "none"), first_centers(iris2, 3, range(200)))
    ends = partitions(batch)
    ids = np.array(partition_ids(ends.labels))[ends.of].tolist()
    assert len(ends.labels) == len({*ids})
    sets = [
        frozenset(frozenset(np.flatnonzero(row == j)) for j in np.unique(row))
        for row in batch.labels
    ]
    assert len({*zip(ids, sets, strict=True)}) == len({*ids}) == len({*sets}) > 1
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in ids)


def test_frames_are_made_when_asked_for(iris2, monkeypatch):
    made = []
    original = Trace._frame
    monkeypatch.setattr(Trace, "_frame", lambda self, i: made.append(i) or original(self, i))
    trace = trace_of(iris2, 3, 7)
    trace[5]
    assert made == [5]
