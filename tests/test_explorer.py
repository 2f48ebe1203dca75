"""What the explorer of a report holds: the starts' numbers, packed, bounded, thinned by rule."""

import json
import zlib
from base64 import b64decode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.report import explorer, payload
from kmeans_lab.report.layout import html
from kmeans_lab.runner import runner
from kmeans_lab.spec.spec import Spec
from kmeans_lab.study import study
from strategies import points

HOSTILE = "<script><b>&amp; $x$ 鸢尾 سوسن 🌸"
IRIS = {"source": "iris", "columns": [0, 1]}
OWN = """
def last(X, n_clusters, random_state):
    return X[-n_clusters:] + random_state.randint(3)
"""


def made(folder, **settings):
    """A study of Iris, twelve starts with seeds 5 to 16 in each cell unless told otherwise."""
    grid = {"k": [3], "init": ["random", "uniform-box"]}
    spec = Spec(**{"name": "lab", "runs": 12, "seed": 5, "data": [IRIS], "grid": grid} | settings)
    return study.open(runner.run(spec, results=folder, jobs=1))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return made(tmp_path_factory.mktemp("explorer"), data=[IRIS | {"name": HOSTILE}])


def numbers(text, kind):
    """What `packed` packed."""
    return np.frombuffer(zlib.decompress(b64decode(text)), kind)


def sent(done):
    """The explorer's data as the page has them, read back as strict JSON."""
    (part,) = (p for p in payload.explorer(done).parts if p.kind == "explorer")
    return json.loads(json.dumps(part.data, allow_nan=False))


def firsts_of(done, cell):
    """First centers as the study recorded them."""
    runs = done.starts(cell)["run"].tolist()
    steps = done.steps[(done.steps["iteration"] == 1) & done.steps["run"].isin(runs)]
    return np.stack(steps["centers"].to_list())


def test_the_dots_are_the_starts(lab):
    (board,) = explorer.boards(lab)
    assert board.best == lab.runs["inertia"].min()
    for dots, cell in zip(board.dots, lab.cells, strict=True):
        mine = lab.starts(cell)
        assert (dots.starts, dots.every, len(dots.seeds)) == (12, 1, 12)
        assert explorer.rule(dots) == ""
        np.testing.assert_array_equal(dots.seeds, mine["seed"])
        np.testing.assert_array_equal(dots.inertia, mine["inertia"])
        np.testing.assert_array_equal(dots.silhouette, mine["silhouette"])
        np.testing.assert_array_equal(dots.n_iter, mine["n_iter"])
        assert [STATUS[status] for status in dots.status] == mine["status"].tolist()
        assert sorted(dots.ranks) == [*range(12)]
        assert (np.diff(dots.inertia[np.argsort(dots.ranks)]) >= 0).all()
        ends = lab.optima.set_index("partition")["optimum"]
        np.testing.assert_array_equal(dots.optimum, ends[mine["partition"]])
        for pick, place in dots.picks.items():
            assert mine["run"].iloc[place] == lab.chosen(pick, cell)
        np.testing.assert_array_equal(dots.firsts.reshape(12, -1), firsts_of(lab, cell))


def test_the_page_gets_every_number_to_the_bit(lab):
    data = sent(lab)
    (board,) = data["boards"]
    dataset = lab.dataset(HOSTILE)
    X = numbers(data["data"][HOSTILE]["points"], "<f8").reshape(-1, 2)
    np.testing.assert_array_equal(X, dataset.X)
    best = lab.runs.sort_values(["inertia", "run"]).iloc[0]
    np.testing.assert_array_equal(
        numbers(board["labels"], "<u2"), np.frombuffer(best["labels"], "u1")
    )
    for cell, shown in zip(lab.cells, board["cells"], strict=True):
        mine = lab.starts(cell)
        seeds = int(shown["base"]) + np.cumsum(numbers(shown["seeds"], "<u4"))
        np.testing.assert_array_equal(seeds, mine["seed"])
        np.testing.assert_array_equal(numbers(shown["inertia"], "<f8"), mine["inertia"])
        np.testing.assert_array_equal(numbers(shown["steps"], "<u4"), mine["n_iter"])
        np.testing.assert_allclose(numbers(shown["silhouette"], "<f4"), mine["silhouette"], 1e-6)
        firsts = firsts_of(lab, cell)
        (kind,) = shown["firsts"]
        assert kind == {"random": "places", "uniform-box": "values"}[cell.init]
        if kind == "places":
            found = X[numbers(shown["firsts"]["places"], "<u4")].reshape(12, -1)
        else:
            found = numbers(shown["firsts"]["values"], "<f8").reshape(12, -1)
        np.testing.assert_array_equal(found, firsts)


def test_names_end_no_script(lab):
    text = html("lab", [payload.explorer(lab)], description="", facts=(), footer="")
    assert "data-part" in text
    assert text.count("</script>") == text.count("<script")
    assert "<b>" not in text


@settings(max_examples=80)
@given(points(), st.data())
def test_centers_that_are_points_are_found(X, data):
    rows = data.draw(st.lists(st.integers(0, len(X) - 1), min_size=2, max_size=8))
    centers = X[np.array(rows)].reshape(2, -1, X.shape[1]) if len(rows) % 2 == 0 else X[[rows]]
    places = payload.found(X, centers)
    np.testing.assert_array_equal(X[places], centers)
    assert payload.found(X, centers + np.abs(X).max() + 1) is None


@settings(max_examples=80)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(1, 70), st.data())
def test_dots_are_thinned_by_the_rule_that_is_told(optima, most, data):
    always = data.draw(st.lists(st.integers(0, len(optima) - 1), max_size=3))
    every, kept = explorer.shown(np.array(optima), always, most)
    assert np.array_equal(kept, np.unique(kept))
    assert {*always} <= {*kept.tolist()}
    assert {optima[i] for i in kept} - {0} == {*optima} - {0}
    assert {*range(0, len(optima), every)} <= {*kept.tolist()}
    assert -(-len(optima) // every) <= most
    assert every == 1 or -(-len(optima) // (every - 1)) > most
    if len(optima) <= most:
        assert len(kept) == len(optima)


def test_a_thinned_cell_keeps_optima_and_picks_and_says_so(lab, monkeypatch):
    monkeypatch.setattr(explorer, "MOST", 4)
    (board,) = explorer.boards(lab)
    for dots, cell in zip(board.dots, lab.cells, strict=True):
        assert dots.every == 3
        mine = lab.starts(cell).set_index("seed")
        assert {*dots.seeds[dots.seeds % 3 == 2]} == {5, 8, 11, 14}
        assert {*mine.loc[dots.seeds, "partition"]} == {*mine["partition"]}
        assert dots.inertia[dots.picks["worst"]] == mine["inertia"].max()
        assert f"{len(dots.seeds)} of 12 starts are shown, one seed in 3" in explorer.rule(dots)
    told = [part.line[0] for part in payload.explorer(lab).parts if part.kind == "prose"]
    assert any("the first start of every optimum" in line for line in told)


def test_what_is_too_large_is_left_out_and_said(lab, monkeypatch):
    monkeypatch.setattr(payload, "ROOM", len(payload.packed(lab.dataset(HOSTILE).X, "<f8")))
    cells = sent(lab)["boards"][0]["cells"]
    assert [cell["firsts"] for cell in cells] == [None, None]
    monkeypatch.setattr(payload, "ROOM", 10)
    data = sent(lab)
    assert data["data"][HOSTILE]["points"] is None
    section = payload.explorer(lab)
    told = [part.line[0] for part in section.parts if part.kind == "prose"]
    assert sum("its points take" in line and "a page holds 10 B" in line for line in told) == 2


def test_a_users_first_centers_are_those_recorded(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    grid = {"k": [2], "init": ["own:last", "first"]}
    done = made(tmp_path, grid=grid, base=tmp_path)
    (board,) = explorer.boards(done)
    for dots, cell in zip(board.dots, done.cells, strict=True):
        np.testing.assert_array_equal(
            dots.firsts.reshape(len(dots.seeds), -1), firsts_of(done, cell)
        )


def test_a_users_first_centers_that_nobody_recorded_are_not_called_for(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    grid, record = {"k": [2], "init": ["own:last"]}, {"steps": False}
    done = made(tmp_path, grid=grid, record=record, base=tmp_path)
    (cell,) = sent(done)["boards"][0]["cells"]
    assert cell["firsts"] is None
    assert cell["why"].endswith("were not recorded: [record] steps = false")


@pytest.mark.parametrize(
    "settings",
    [
        {"grid": {"k": [1, 117], "init": ["random"]}},
        {"lloyd": {"max_iter": 1, "empty": "fail", "tol": 0.1}},
        {"data": [{"source": "iris"}, IRIS | {"name": "b"}], "runs": 1},
        {"data": [{"source": "iris", "columns": [2]}], "record": {"silhouette": "none"}},
    ],
)
def test_any_study_has_its_dots(tmp_path, settings):
    done = made(tmp_path, **settings)
    data = sent(done)
    shown = [cell for board in data["boards"] for cell in board["cells"]]
    assert [cell["label"] for cell in shown] == [cell.label for cell in done.cells]
    for cell in shown:
        assert len(numbers(cell["inertia"], "<f8")) == cell["starts"]
        assert cell["firsts"]
