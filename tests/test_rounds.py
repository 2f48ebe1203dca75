"""A study that decides how many starts it needs: rounds end when enough is known, or the budget."""

from types import SimpleNamespace

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.errors import SpecError
from kmeans_lab.runner import rounds, runner
from kmeans_lab.runner.progress import Silent
from kmeans_lab.runner.rounds import FIRST, GROWTH, Goal, Standing, unsettled
from kmeans_lab.spec.plan import Cell
from kmeans_lab.spec.spec import read
from kmeans_lab.statistics import wilson


def spec_of(tmp_path, points, budget=1e6, init=("random",), **more):
    np.save(tmp_path / "points.npy", points)
    record = {"steps": False, "silhouette": "none"}
    asked = {"grid": {"k": [4], "init": [*init]}, "record": record} | more
    data = [{"source": "points.npy"}]
    return kl.Spec(name="a", base=tmp_path, data=data, runs="auto", budget=budget, **asked)


def groups(rng):
    """Four groups in a row, which a random start separates about one time in three."""
    return rng.normal(size=(80, 2)) + np.repeat([[0, 0], [6, 0], [40, 0], [46, 0]], 20, axis=0)


def stand(successes, starts, init="random", fixed=False):
    cell = Cell("a", 3, init, 0, starts, deterministic=fixed)
    return Standing(cell, starts, wilson(successes, starts))


def test_rounds_end_when_the_intervals_are_narrow(tmp_path, rng):
    study = kl.run(spec_of(tmp_path, groups(rng)), results=tmp_path)
    row = study.summary().iloc[0]
    assert row["starts"] > FIRST
    assert row["restarts_99_high"] <= max(1.5 * row["restarts_99_low"], row["restarts_99_low"] + 1)
    fewer = wilson(row["reached"] // GROWTH, row["starts"] // GROWTH)
    assert unsettled([Standing(study.cells[0], 1, fewer)], Goal())


class Heard(Silent):
    """Progress that keeps what was said."""

    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


@pytest.mark.parametrize(
    ("budget", "why"),
    [(60.0, "all intervals are narrow enough"), (1e-9, "the budget of 1e-09 s ends here")],
)
def test_it_says_what_ended_the_rounds(tmp_path, rng, budget, why):
    heard = Heard()
    spec = spec_of(tmp_path, groups(rng), budget=budget)
    runner.run(spec, results=tmp_path, progress=heard)
    assert why in heard.lines[-1]


def test_the_stored_spec_says_what_auto_became(tmp_path, rng):
    study = kl.run(spec_of(tmp_path, groups(rng)), results=tmp_path)
    assert read(study.folder / "spec.toml").runs == len(study.runs)


def test_the_budget_ends_the_rounds(tmp_path, rng):
    study = kl.run(spec_of(tmp_path, groups(rng), budget=1e-9), results=tmp_path)
    assert len(study.runs) == FIRST


def test_a_study_goes_on_from_the_starts_it_has(tmp_path, rng):
    X = groups(rng)
    kl.run(spec_of(tmp_path, X, budget=1e-9), results=tmp_path)
    kl.run(spec_of(tmp_path, X, budget=1e-9), results=tmp_path, runs=100)
    again = kl.run(spec_of(tmp_path, X, budget=1e-9), results=tmp_path)
    assert len(again.runs) == 100
    assert len(kl.run(spec_of(tmp_path, X), results=tmp_path).runs) > 100


def test_a_second_run_keeps_to_its_budget_too(tmp_path, rng, monkeypatch):
    """By a clock that counts ten seconds for each start that is run, and for those stored."""
    now, complete = [0.0], runner.complete

    def slow(store, spec, **more):
        before = len(store.done())
        complete(store, spec, **more)
        now[0] += 10.0 * (len(store.done()) - before)

    X = groups(rng)
    kl.run(spec_of(tmp_path, X), results=tmp_path, runs=640)
    monkeypatch.setattr(rounds, "NARROW", 1.0)  # so that only the budget ends it
    monkeypatch.setattr(rounds, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(rounds, "_seconds", lambda store: 10.0 * len(store.done()))
    monkeypatch.setattr(runner, "complete", slow)
    again = kl.run(spec_of(tmp_path, X, budget=1000.0), results=tmp_path)
    assert len(again.runs) == 740
    assert now[0] == 1000


def test_the_starts_are_those_of_a_study_that_asked_for_as_many(tmp_path, rng):
    X = groups(rng)
    auto = kl.run(spec_of(tmp_path, X), results=tmp_path / "auto")
    asked = kl.run(spec_of(tmp_path, X), results=tmp_path / "asked", runs=len(auto.runs))
    assert auto.runs.drop(columns="seconds").equals(asked.runs.drop(columns="seconds"))


def test_a_cell_is_settled_when_narrow_hopeless_or_without_chance():
    few, many, never = stand(5, 64), stand(400, 1000), stand(0, 1000, "k-means++")
    assert [cell.init for cell in unsettled([few], Goal())] == ["random"]
    assert not unsettled([many, never], Goal())
    assert [cell.init for cell in unsettled([few, never], Goal())] == ["random", "k-means++"]
    assert not unsettled([many, stand(0, 1, "first", fixed=True)], Goal())


def test_a_budget_of_nothing_is_refused(tmp_path, rng):
    with pytest.raises(SpecError, match=r"budget is 0\.0; allowed: seconds above 0"):
        spec_of(tmp_path, groups(rng), budget=0)
