"""What a user holds of a study: tables, picks, traces the same recorded or replayed, pictures."""

import math
import shutil

import numpy as np
import pandas as pd
import pytest

import kmeans_lab as kl
from kmeans_lab.film.animation import Film
from kmeans_lab.runner import runner
from kmeans_lab.runner.progress import Silent
from kmeans_lab.spec.functions import _function
from kmeans_lab.store.store import Store
from kmeans_lab.study.traces import trace_of
from studies import bits, block_of, files_in

SEPAL = ["sepal length (cm)", "sepal width (cm)"]
IRIS = {"source": "iris", "columns": SEPAL, "truth": "species"}
SEEDS = range(5, 45)
OWN = """
def own(X, n_clusters, random_state):
    return X[random_state.permutation(len(X))[:n_clusters]]
"""


def spec(**changes):
    given = {"name": "s", "runs": len(SEEDS), "seed": SEEDS[0], "data": [IRIS]}
    grid = {"k": changes.pop("k", [3]), "init": changes.pop("init", ["random"])}
    return kl.Spec(**{**given, "grid": grid, **changes})


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A study of one cell."""
    return kl.run(spec(), results=tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """A study of eight cells, two data sets among them."""
    data = [IRIS, {"source": "iris", "name": "all four"}]
    made = kl.Spec(
        name="s", runs=12, data=data, grid={"k": [2, 3], "init": ["random", "k-means++"]}
    )
    return kl.run(made, results=tmp_path_factory.mktemp("several"))


def same(recorded, replayed):
    """Two traces are equal to the bit, in all that is shown of them."""
    assert len(recorded) == len(replayed)
    assert recorded.title == replayed.title
    for a, b in zip(recorded, replayed, strict=True):
        assert a.keys() == b.keys()
        for key, value in a.items():
            assert np.asarray(value).tobytes() == np.asarray(b[key]).tobytes(), key
    for name in ("inertia", "silhouette", "silhouette_se", "moved"):
        assert getattr(recorded, name).tobytes() == getattr(replayed, name).tobytes(), name
    fields = ("dataset", "init", "seed", "run", "status", "gap", "columns", "outcome_inertia")
    for name in fields:
        assert str(getattr(recorded, name)) == str(getattr(replayed, name)), name


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"k": [5], "init": ["random-partition"], "lloyd": {"empty": "keep"}},
        {"k": [12], "init": ["random"], "lloyd": {"empty": "fail"}},
        {"k": [4], "init": ["greedy-k-means++"], "lloyd": {"max_iter": 4}},
        {"k": [3], "init": ["maximin"], "lloyd": {"tol": 1e-2}},
        {"k": [7], "record": {"silhouette": "sampled"}},
        {"k": [1], "record": {"silhouette": "none"}},
    ],
)
def test_frames_are_the_same_bits_recorded_or_replayed(tmp_path, settings):
    record = settings.get("record", {})
    recorded, brief = (
        kl.run(spec(**{**settings, "record": {**record, "steps": steps}}), results=tmp_path / name)
        for name, steps in {"recorded": True, "brief": False}.items()
    )
    assert len(recorded.steps) == recorded.runs["n_iter"].sum()
    assert brief.steps.empty
    assert bits(recorded.folder)["runs"] == bits(brief.folder)["runs"]
    for seed in SEEDS:
        same(recorded.trace(seed=seed), brief.trace(seed=seed))


@pytest.mark.parametrize("labels", ["final", "none"])
def test_frames_are_the_same_bits_where_labels_are_not_recorded(one, tmp_path, labels):
    brief = kl.run(spec(record={"labels": labels}), results=tmp_path)
    assert brief.steps["labels"].isna().all()
    assert brief.runs["labels"].isna().all() == (labels == "none")
    for seed in SEEDS:
        same(one.trace(seed=seed), brief.trace(seed=seed))


def test_first_centers_are_the_promised_line(one):
    X = one.dataset("iris").X
    for row in one.runs.itertuples():
        chosen = X[np.random.default_rng(row.seed).choice(len(X), size=3, replace=False)]
        frame = one.trace(seed=row.seed)[0]
        assert frame["centroids"].tobytes() == chosen.tobytes()
        first = one.steps[one.steps["run"] == row.run].iloc[0]
        assert first["centers"].tolist() == chosen.ravel().tolist()


def test_an_outcome_s_labels_are_nearest_its_centers(one):
    X = one.dataset("iris").X
    for row in one.runs.itertuples():
        distances = ((X[:, None] - row.centers.reshape(3, 2)) ** 2).sum(axis=2)
        labels = np.frombuffer(row.labels, "u1")
        np.testing.assert_array_equal(labels, distances.argmin(axis=1))
        assert row.inertia == math.fsum(distances.min(axis=1))
        trace = one.trace(run=row.run)
        np.testing.assert_array_equal(trace[-1]["labels"], labels)


def test_the_notebook_s_case(tmp_path):
    short = kl.run(spec(init=["random"], lloyd={"max_iter": 15}), results=tmp_path, runs=130)
    assert {*short.runs["seed"]} == {*range(5, 135)}
    for seed in (7, 128):
        trace = short.trace(seed=seed)
        assert (len(trace), trace[-1]["iteration"], trace.status) == (31, 15, "max_iter")
        assert "max_iter" in trace[-1]["description"]
    full = kl.run(spec(name="full"), results=tmp_path, runs=130)
    for seed, steps in {7: 19, 128: 18}.items():
        trace = full.trace(seed=seed)
        assert (trace[-1]["phase"], trace[-1]["iteration"]) == ("converged", steps)
        assert f"{trace.outcome_inertia:.8f}" == "37.08627025"


def test_tables_are_those_that_pandas_reads(several):
    for name, table in {"runs": several.runs, "steps": several.steps}.items():
        read = pd.read_parquet(several.folder / name).sort_values(
            ["run", "iteration"] if name == "steps" else "run", ignore_index=True
        )
        pd.testing.assert_frame_equal(table, read)
    assert several.runs["run"].tolist() == [*range(12 * 8)]
    assert len(several.cells) == 8
    first = "iris/2/random, iris/2/k-means++, iris/3/random, …"
    assert repr(several) == f"<Study s: 96 starts of {first} in {several.folder}>"


def test_a_summary_has_a_row_for_each_cell(several):
    summary = several.summary()
    assert summary[["dataset", "k", "init"]].to_numpy().tolist() == [
        [cell.dataset, cell.k, cell.init] for cell in several.cells
    ]
    assert (summary["starts"] == 12).all()
    assert (summary["status_converged"] == 12).all()
    for _, row in summary.iterrows():
        mine = several.runs[several.runs["init"] == row["init"]]
        mine = mine[(mine["dataset"] == row["dataset"]) & (mine["k"] == row["k"])]
        assert row["inertia_min"] == mine["inertia"].min()
        assert row["optima"] == mine["partition"].nunique()


def test_optima_are_partitions_by_rising_inertia(several):
    optima = several.optima
    for (dataset, k), table in optima.groupby(["dataset", "k"], sort=False):
        assert table["optimum"].tolist() == [*range(1, len(table) + 1)]
        assert table["inertia"].is_monotonic_increasing
        assert table["partition"].is_unique
        assert table["starts"].sum() == 24
        n = len(several.dataset(dataset).X)
        assert all(len(sizes) == k and sum(sizes) == n for sizes in table["sizes"])
        assert all(list(sizes) == sorted(sizes, reverse=True) for sizes in table["sizes"])


def test_picks_of_a_cell(several):
    names = {"dataset": "iris", "k": 3, "init": "random"}
    cell = several.cell(**names)
    inertia = several.starts(cell).set_index("seed")["inertia"]
    order = inertia.sort_values(kind="stable")
    for pick, place in {"best": 0, "median": 5, "worst": -1}.items():
        trace = several.trace(pick, **names)
        assert trace.outcome_inertia == order.iloc[place]
        assert trace.seed == inertia[inertia == order.iloc[place]].index.min()
    assert several.trace("best", dataset="iris", k=3, init="random").gap == 0
    worst, best = order.iloc[-1], several.best("iris", 3)
    assert several.trace("worst", **names).gap == pytest.approx((worst - best) / best, rel=1e-12)
    optima = several.optima[(several.optima["dataset"] == "iris") & (several.optima["k"] == 3)]
    for number, row in optima.set_index("optimum").iterrows():
        if row["starts[random]"]:
            assert several.trace(optimum=number, **names).outcome_inertia == row["inertia"]


def test_a_cell_may_be_left_out_where_there_is_one(one, several):
    assert one.trace(seed=7).seed == one.trace("seed=7").seed == 7
    with pytest.raises(kl.SpecError, match=r"dataset is not given for .*: 'iris', 'all four'"):
        several.trace(seed=7)
    with pytest.raises(kl.SpecError, match=r"k is not given for .*: 2, 3"):
        several.animate("best", dataset="iris", init="random")
    with pytest.raises(kl.SpecError, match=r"init is not given for .*: 'random', 'k-means\+\+'"):
        several.trace("best", dataset="iris", k=3)
    with pytest.raises(kl.SpecError, match=r"dataset is not given for .*: 'iris', 'all four'"):
        several.figure("data")


def test_a_run_says_its_cell(several):
    for run in (0, 5, 95):
        row = several.runs.set_index("run").loc[run]
        trace = several.trace(run=run)
        assert (trace.run, trace.seed, trace.k) == (run, row["seed"], row["k"])
        assert (trace.dataset, trace.init) == (row["dataset"], row["init"])
        assert several.animate(f"run={run}").scenes[0].title == trace.title
    with pytest.raises(kl.SpecError, match=r"no start 'run=96' .*; stored: run=0 to run=88"):
        several.trace(run=96)
    with pytest.raises(kl.SpecError, match="no start 'run=5'"):
        several.trace(run=5, dataset="iris", k=2, init="random")


def test_what_is_not_stored_is_told_with_what_is(one):
    with pytest.raises(kl.SpecError, match=r"no start 'seed=99999' in iris/3/random .*seed=5 to s"):
        one.trace(seed=99999)
    with pytest.raises(kl.SpecError, match="no start 'optimum=99'"):
        one.animate("optimum=99")
    with pytest.raises(kl.SpecError, match="init is 'maximin'"):
        one.trace(seed=7, init="maximin")
    with pytest.raises(kl.SpecError, match="unknown figure 'inertai'"):
        one.figure("inertai")


def test_a_trace_is_a_sequence_of_frames(one):
    trace = one.trace(seed=7)
    assert trace[0]["phase"] == "init"
    assert set(trace[0]) == {"phase", "iteration", "centroids", "labels", "description"}
    assert (trace[0]["labels"] == -1).all()
    assert trace[-1]["iteration"] == one.runs.set_index("seed").loc[7, "n_iter"]
    assert [frame["iteration"] for frame in trace] == [f["iteration"] for f in trace[:]]


def test_films_of_a_study(one, several):
    film = one.animate()
    assert film.scenes[0].title == one.trace("best").title
    three = several.animate("best", "median", "worst", dataset="iris", k=3, init="random")
    assert len(three.scenes) == 3
    assert "<iframe" in film._repr_html_()


def test_titles_tell_of_the_study_and_the_optimum(one):
    for pick in ("best", "worst", "seed=7", "optimum=2"):
        (scene,) = one.animate(pick).scenes
        trace, row = one.trace(pick), one.runs[one.runs["run"] == one.trace(pick).run].iloc[0]
        seed = f"random · seed {trace.seed}"
        among = "" if "=" in pick else f" · the {pick} of {len(SEEDS)} starts"
        assert scene.card == ("iris, k = 3", seed + among, "study s · 150 points, 2 features")
        optimum = one.optima.set_index("partition")["optimum"][row["partition"]]
        assert f"optimum {optimum} of {len(one.optima)} · {trace.steps} steps" in scene.verdict[1]
        found = scene.verdict[0] == "Found the best known"
        assert found == (row["inertia"] == one.best("iris", 3))
        assert scene.best == pytest.approx(one.best("iris", 3), rel=1e-12)


def test_a_start_alone_is_not_the_worst_of_anything(tmp_path):
    made = kl.run(spec(), results=tmp_path, runs=1)
    assert made.animate("worst").scenes[0].card[1] == f"random · seed {SEEDS[0]}"


def test_a_start_that_did_not_end_has_no_optimum(tmp_path):
    made = kl.run(spec(lloyd={"max_iter": 2}), results=tmp_path, runs=3)
    heading, line = made.animate("best").scenes[0].verdict
    assert heading == "Cut off after 2 steps"
    assert line.endswith("the best known")
    assert "optimum" not in line


def test_rendered_files_of_one_cell_and_of_several(one, several):
    paths = one.render(["best", "seed=7"], formats="png")
    names = ["best.png", "seed=7.png", "side-by-side.png"]
    assert [path.relative_to(one.folder / "renders").as_posix() for path in paths] == names
    (path,) = several.render("worst", cell="iris/3/k-means++", formats=["png"])
    assert path == several.folder / "renders" / "iris-k3-k-means++" / "worst.png"
    assert path.read_bytes().startswith(b"\x89PNG")
    for study in (one, several):
        assert Store(study.folder).verify() == []


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ({"wanted": ["seed=99999"]}, ["no start 'seed=99999'", "stored: seed=5 to seed=44"]),
        ({"wanted": "beste"}, ["did you mean 'best'?"]),
        ({"cell": "iris/3/randon"}, ["unknown cell 'iris/3/randon'", "'iris/3/random'"]),
        ({"cell": "x"}, ["unknown cell 'x'", "allowed: iris/3/random"]),
        ({"formats": "webm"}, ["format is 'webm'", "html, gif, mp4, png"]),
    ],
)
def test_wrong_wishes_draw_nothing(one, asked, parts):
    before = files_in(one.folder)
    with pytest.raises(kl.SpecError) as caught:
        one.render(**asked)
    assert [part for part in parts if part not in str(caught.value)] == []
    assert files_in(one.folder) == before


def test_a_film_that_cannot_be_written_is_told_and_damages_nothing(one, monkeypatch):
    (path,) = one.render("worst", formats="png")

    def fail(film, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Film, "save", fail)
        with pytest.raises(kl.RunError, match=r"cannot write .*worst.png: No space left on device"):
            one.render("worst", formats="png")
    assert one.store.verify() == []
    assert one.render("worst", formats="png") == [path]
    assert one.store.verify() == []


def test_a_pick_of_the_spec_that_no_cell_has_is_told(tmp_path):
    made = kl.run(
        spec(render={"pick": ["seed=99999", "best"], "format": ["png"]}), results=tmp_path, runs=2
    )
    with pytest.warns(UserWarning, match=r"'seed=99999' is left out: .* seed=5 to seed=6"):
        paths = made.render()
    assert [path.name for path in paths] == ["best.png"]


def test_a_deterministic_init_has_one_start_with_the_first_seed(tmp_path):
    made = spec(init=["random", "first", "maximin"])
    study = kl.run(made, results=tmp_path)
    found = study.runs[study.runs["init"] == "first"]
    assert found[["run", "seed"]].to_numpy().tolist() == [[1, 5]]
    assert (study.runs["init"] == "random").sum() == len(SEEDS)
    more = kl.run(made, results=tmp_path, runs=50)
    assert (more.runs["init"] == "first").sum() == 1
    assert (more.runs["init"] == "random").sum() == 50
    for pick in ("best", "median", "worst"):
        assert more.trace(pick, init="first").seed == 5


def test_more_runs_renumber_nothing_and_fewer_delete_nothing(one, tmp_path):
    shutil.copytree(one.folder, tmp_path / "s")
    before = one.runs
    more = kl.run(spec(), results=tmp_path, runs=50).runs
    pd.testing.assert_frame_equal(more[: len(before)], before)
    assert len(kl.run(spec(), results=tmp_path, runs=3).runs) == 50
    assert kl.open(tmp_path / "s").spec.runs == 50


def test_another_spec_of_the_same_name_is_refused_unless_fresh(one, tmp_path):
    shutil.copytree(one.folder, tmp_path / "s")
    with pytest.raises(kl.SpecError, match=r"^the spec is another study than .*: grid k was \[3\]"):
        kl.run(spec(k=[4]), results=tmp_path)
    assert kl.run(spec(k=[4]), results=tmp_path, fresh=True).spec.grid.k == (4,)
    assert kl.open(tmp_path / "s.old-1").spec.grid.k == (3,)


def test_a_moved_study_is_whole(one, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "new name"
    shutil.copytree(one.folder, moved)
    monkeypatch.chdir(moved.parent)
    study = kl.open("new name")
    pd.testing.assert_frame_equal(study.runs, one.runs)
    same(study.trace(seed=7), one.trace(seed=7))
    assert study.render("best", formats="png")[0].is_file()


@pytest.fixture
def own(tmp_path):
    """Runs a study of a user's own initializer, then takes the module away."""

    def own(steps, source=OWN, init=("mine:own",)):
        (tmp_path / "there").mkdir(exist_ok=True)
        (tmp_path / "there" / "mine.py").write_text(source)
        made = spec(init=init, record={"steps": steps}, base=tmp_path / "there")
        study = kl.run(made, results=tmp_path / f"results-{steps}", runs=4)
        _function.cache_clear()
        return study

    return own


def test_recorded_traces_need_no_initializer_and_replayed_ones_say_so(own, tmp_path):
    recorded, brief = own(True), own(False)
    for seed in brief.runs["seed"]:
        same(recorded.trace(seed=seed), brief.trace(seed=seed))
    first = recorded.trace(seed=5)[0]["centroids"]
    X = recorded.dataset("iris").X
    assert (first == X[np.random.RandomState(5).permutation(len(X))[:3]]).all()
    shutil.rmtree(tmp_path / "there")
    _function.cache_clear()  # as in another process
    assert kl.open(recorded.folder).trace(seed=5)[0]["phase"] == "init"
    assert len(kl.open(recorded.folder).optima)
    with pytest.raises(kl.RunError) as caught:
        kl.open(brief.folder).trace(seed=5)
    line = str(caught.value)
    assert "\n" not in line
    for part in ("run 0", str(brief.folder), "cannot be replayed", "'mine'", "mine:own"):
        assert part in line


def test_a_start_of_senseless_length_is_refused(tmp_path):
    study = kl.run(spec(record={"steps": False}), results=tmp_path, runs=1)
    row = study.runs.iloc[0].copy()
    row["n_iter"] = 2**31 - 1
    with pytest.raises(kl.RunError, match="comes out as another start"):
        trace_of(study, row)


def test_a_replay_that_differs_is_refused(own, tmp_path):
    brief = own(False)
    (tmp_path / "there" / "mine.py").write_text(OWN.replace("[:n_clusters]", "[-n_clusters:]"))
    _function.cache_clear()
    with pytest.raises(kl.RunError, match="it comes out as another start: 'mine:own'"):
        kl.open(brief.folder).trace(seed=5)


def test_failed_starts_have_a_reason_and_no_trace(own):
    source = OWN.replace("return", "assert random_state.randint(2), 'no luck'\n    return")
    study = own(True, source)
    failed = study.runs[study.runs["status"] == "error"]
    assert 0 < len(failed) < len(study.runs)
    assert (failed["note"] == "AssertionError: no luck").all()
    with pytest.raises(kl.RunError, match=r"no trace, it failed: AssertionError: no luck"):
        study.trace(seed=failed["seed"].iloc[0])
    with pytest.raises(kl.RunError, match="AssertionError: no luck"):
        study.render(f"seed={failed['seed'].iloc[0]}", formats="png")
    assert study.trace("worst").status == "converged"
    row = study.summary().iloc[0]
    assert (row["starts"], row["status_error"]) == (4, len(failed))


def test_a_render_passes_over_what_failed(own):
    source = OWN.replace("return", "assert random_state.randint(2)\n    return")
    study = own(True, source, ["random", "mine:own"])
    seed = study.runs.query("status == 'error'")["seed"].iloc[0]
    (path,) = study.render(f"seed={seed}", formats="png")
    assert path.parent.name == "iris-k3-random"


def test_a_study_without_an_outcome_still_answers(own):
    study = own(True, OWN.replace("return", "raise ValueError('no')\n    return"))
    assert study.optima.empty
    assert study.summary().iloc[0]["status_error"] == 4
    with pytest.raises(kl.SpecError, match="4 starts, 0 of them with an outcome"):
        study.trace("best")


def test_an_interrupted_study_shows_what_is_there(tmp_path, monkeypatch):
    class Stopped(Silent):
        def advance(self, starts):
            raise KeyboardInterrupt

    block_of(monkeypatch, 10)
    made = spec(init=["random", "k-means++"])
    with pytest.raises(KeyboardInterrupt):
        runner.run(made, results=tmp_path, jobs=1, progress=Stopped())
    study = kl.open(tmp_path / "s")
    assert 10 <= len(study.runs) < 80
    assert set(study.steps["run"]) == set(study.runs["run"])
    assert len(study.summary()) == 2
    assert study.optima["starts"].sum() == len(study.runs)
    assert study.trace("best", init="random").status == "converged"
    assert bits(kl.run(made, results=tmp_path).folder) == bits(
        kl.run(made, results=tmp_path / "whole").folder
    )


def test_a_study_without_a_start_answers_too(one, tmp_path):
    shutil.copytree(one.folder, tmp_path / "s")
    store = Store(tmp_path / "s")
    store.discard(store.names())
    study = kl.open(tmp_path / "s")
    assert study.runs.empty
    assert study.steps.empty
    assert study.optima.empty
    assert study.summary()["starts"].tolist() == [0]
    assert list(study.runs.columns) == list(one.runs.columns)
    with pytest.raises(kl.SpecError, match=r"no start 'best' .* 0 starts"):
        study.trace("best")


def test_what_is_no_study_and_what_is_of_a_newer_version(one, tmp_path):
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(
            kl.SpecError, match="is no study; allowed: a folder that `run` has made"
        ):
            kl.open(path)
    shutil.copytree(one.folder, tmp_path / "s")
    about = tmp_path / "s" / "study.json"
    about.write_text(about.read_text().replace('"schema_version": 1', '"schema_version": 999'))
    with pytest.raises(kl.SpecError, match="has schema_version 999; this kmeans_lab reads up to 1"):
        kl.open(tmp_path / "s")


def test_run_takes_its_options_by_name_only(tmp_path):
    with pytest.raises(TypeError):
        kl.run(spec(), tmp_path)
    for option, value in {"jobs": 0, "runs": 0, "backend": "dask", "jobs ": 1.5}.items():
        with pytest.raises(kl.SpecError, match=f"{option.strip()} "):
            kl.run(spec(), results=tmp_path / "new", **{option.strip(): value})
    with pytest.raises(kl.SpecError, match="allowed: the path of a TOML file, or a Spec"):
        kl.run({"name": "s"}, results=tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert issubclass(kl.SpecError, ValueError)
    assert issubclass(kl.DataError, ValueError)
