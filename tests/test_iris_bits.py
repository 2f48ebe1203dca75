"""Iris from its seeds to its files: every label and center of 10 000 starts is the naive twin's."""

import numpy as np
import pytest

import kmeans_lab as kl
import naive

SEEDS = 10_000
SEPAL = ["sepal length (cm)", "sepal width (cm)"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of 10 000 starts as anyone would run it."""
    spec = kl.Spec(
        name="iris",
        runs=SEEDS,
        data=[{"source": "iris", "columns": SEPAL}],
        grid={"k": [3], "init": ["random"]},
        record={"silhouette": "none"},
    )
    return kl.run(spec, results=tmp_path_factory.mktemp("results"))


def remembered(function):
    """The twin's function of X and other arrays, asked once for each: starts share most steps."""
    known = {}

    def call(X, *arrays):
        key = tuple(array.tobytes() for array in arrays)
        if key not in known:
            known[key] = function(X, *arrays)
        return known[key]

    return call


def test_every_label_and_center_of_every_step_is_the_twin_s(study, iris2, monkeypatch):
    monkeypatch.setattr(naive, "assign", remembered(naive.assign))
    monkeypatch.setattr(naive, "update", remembered(naive.update))
    runs, steps = study.runs, study.steps
    assert runs["run"].tolist() == runs["seed"].tolist() == [*range(SEEDS)]
    labels = np.frombuffer(b"".join(steps["labels"]), "u1").reshape(len(steps), 150)
    centers = np.stack(steps["centers"]).reshape(len(steps), 3, 2)
    ends = np.cumsum(runs["n_iter"])
    for row, end in zip(runs.itertuples(), ends, strict=True):
        first = iris2[np.random.default_rng(row.seed).choice(150, size=3, replace=False)]
        ref = naive.lloyd(iris2, first)
        mine = slice(end - row.n_iter, end)
        assert row.n_iter == len(ref["steps"])
        assert (labels[mine] == [step["labels"] for step in ref["steps"]]).all()
        assert (centers[mine] == [step["centers"] for step in ref["steps"]]).all()
        assert steps["inertia"][mine].tolist() == [step["inertia"] for step in ref["steps"]]
        assert (row.status, row.relocations) == (ref["status"], ref["relocations"])
        assert row.inertia == ref["inertia"]
        assert (np.frombuffer(row.labels, "u1") == ref["labels"]).all()
        assert (row.centers == ref["centers"].ravel()).all()
