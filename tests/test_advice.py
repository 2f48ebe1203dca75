"""What is advised, how it reads, and that the promise is kept by seeds that were not asked."""

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab import advice, cli
from kmeans_lab.advice import NAMES, Advice, Choice, advise, paste
from kmeans_lab.errors import DataError, SpecError
from kmeans_lab.statistics import Estimate, restarts_needed, wilson
from kmeans_lab.wording import excess

FRESH = 10**6  # a seed that no round reaches


@pytest.fixture
def points(tmp_path, rng):
    """The path of four groups in a row, of which a random start often joins two."""
    X = rng.normal(size=(80, 2)) + np.repeat([[0, 0], [6, 0], [40, 0], [46, 0]], 20, axis=0)
    np.savetxt(tmp_path / "points.csv", X, delimiter=",", header="x,y", comments="")
    return str(tmp_path / "points.csv")


def kept(told, data, groups, tmp_path, gap=1e-9):
    """Share of groups of n_init fresh starts, the best of which reaches what was promised."""
    first = told.choices[0]
    spec = kl.Spec(
        name="fresh",
        seed=FRESH,
        runs=groups * first.n_init,
        data=[{"source": data}],
        grid={"k": [told.k], "init": [first.init]},
        record={"steps": False, "labels": "none", "silhouette": "none"},
    )
    inertia = kl.run(spec, results=tmp_path).runs["inertia"].to_numpy()
    best = inertia.reshape(groups, first.n_init).min(axis=1)
    return wilson(int((best <= told.best * (1 + told.gap + gap)).sum()), groups)


@pytest.mark.parametrize(("k", "confidence", "gap"), [(4, 0.99, 0), (5, 0.9, 0), (5, 0.9, 0.05)])
def test_the_promise_is_kept_on_fresh_seeds(points, tmp_path, k, confidence, gap):
    check(points, tmp_path, k, confidence=confidence, gap=gap)


@pytest.mark.parametrize(("data", "k", "gap"), [("iris", 3, 0), ("digits", 10, 1e-3)])
def test_the_promise_is_kept_on_real_data(tmp_path, data, k, gap):
    check(data, tmp_path, k, gap=gap)


def test_the_promise_is_kept_on_s1(reference, tmp_path):
    check(str(reference / "s1.csv"), tmp_path, 15)


def check(data, folder, k, confidence=0.99, gap=0.0):
    """What is promised is at least what was asked for, and what fresh seeds then do."""
    told = advise(data, k, confidence=confidence, gap=gap, seconds=1e6)
    found = kept(told, data, 400, folder)
    success = told.choices[0].success
    assert success.low >= confidence - 1e-12
    assert found.high >= success.low
    assert found.low <= success.high


def test_n_init_follows_from_the_low_end_of_the_chance(points):
    first = advise(points, 4, seconds=1e6).choices[0]
    assert first.n_init == restarts_needed(first.reach, 0.99).high


def test_the_init_with_the_least_work_comes_first(points):
    told = advise(points, 4, seconds=1e6)
    assert {choice.init for choice in told.choices} == set(NAMES)
    assert told.choices[0].work <= told.choices[1].work


def choice(init="random", n_init=12, work=1.0, near=((0.001, 5), (0.01, 2))):
    success = Estimate(0.995, 0.99, 0.999)
    return Choice(init, 64, Estimate(0.4, 0.3, 0.5), n_init, success, work, near)


def made(*choices, **more):
    about = {"data": "a.csv", "shape": (80, 2), "k": 3, "confidence": 0.99, "gap": 0.0}
    about |= {"scale": "none", "best": 37.0507, "choices": choices, "optima": 4, "seldom": 0}
    about |= {"unseen": Estimate(0.01, 0.0, 0.03), "max_iter": 300, "guessed": ()}
    return Advice(**about | more)


def test_the_line_to_paste_is_scikit_learns(points):
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    line = paste(made(choice("greedy-k-means++"), scale="standard"))
    assert line.startswith('KMeans(n_clusters=3, init="k-means++", n_init=12, max_iter=300, tol=0)')
    X = np.loadtxt(points, delimiter=",", skiprows=1)
    fitted = eval(line, {"KMeans": KMeans, "StandardScaler": StandardScaler, "X": X})
    assert fitted.cluster_centers_.shape == (3, 2)


def test_what_is_advised_reads_in_eight_lines():
    lines = str(made(choice(), choice("greedy-k-means++", 30, 2.0))).splitlines()
    assert [line.split()[0] for line in lines] == [
        *("data", "use", "expect", "enough", "instead", "unknown", "names", "paste"),
    ]
    assert lines[1] == 'use     init = "random", n_init = 12'
    assert "37.0507" in lines[2]
    assert "within 0.10\xa0% of it: n_init = 5; within 1.0\xa0% of it: n_init = 2" in lines[3]
    assert " times the work" in lines[4]
    assert 'calls "k-means++" what is greedy-k-means++ here' in lines[6]


def test_near_a_best_of_zero_nothing_is_told():
    told = [line.split()[0] for line in str(made(choice(), choice(), best=0.0)).splitlines()]
    assert "enough" not in told
    assert "expect" in told


def test_a_best_that_was_seldom_seen_is_not_promised(rng, tmp_path):
    """Uniform points have many optima, most of them nearly as good as the best."""
    np.save(tmp_path / "cloud.npy", rng.uniform(size=(400, 2)))
    told = advise(str(tmp_path / "cloud.npy"), 8, seconds=1e-9)
    assert 1 <= told.seldom < 10
    assert told.gap in (0.001, 0.01)
    text = str(told)
    assert "too seldom to tell how likely" in text
    assert f"this is for {excess(told.gap)} above the best" in text
    assert "too seldom" not in str(made(choice(), choice("greedy-k-means++")))


def test_what_is_unknown_is_told_of_the_init_that_is_advised(points, tmp_path):
    told = advise(points, 5, seconds=1e-9)
    first = told.choices[0]
    data = [{"source": points}]
    grid = {"k": [5], "init": [first.init]}
    spec = kl.Spec(name="same", runs=first.starts, data=data, grid=grid)
    found = kl.run(spec, results=tmp_path).richness.iloc[0]
    assert told.optima == found["optima"]
    assert told.unseen == tuple(found[["unseen", "unseen_low", "unseen_high"]])


def test_what_is_left_out_and_what_outweighs_is_told(tmp_path, rng):
    X = np.c_[rng.normal(size=(60, 2)) * [1, 1e6], np.full(60, 2.0)]
    rows = [f"{a},{b},{c}" for a, b, c in X]
    (tmp_path / "a.csv").write_text("\n".join(["x,big,gap", *rows[1:], "1,2,"]) + "\n")
    lines = [line.strip() for line in str(advise(str(tmp_path / "a.csv"), 2)).splitlines()]
    assert "columns: 'x', 'big'" in lines
    assert any(line.startswith("left out: 'gap', 1 of 60 cells") for line in lines)
    assert any("--scale standard lets them count alike" in line for line in lines)


def test_one_cluster_needs_one_start(points):
    assert advise(points, 1).choices[0].n_init == 1


def test_where_no_start_reached_the_goal_nothing_is_advised():
    lost = choice(n_init=None)
    assert "not known" in str(made(lost, lost._replace(init="greedy-k-means++")))


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"seconds": 0}, "seconds is 0, no budget to find out; allowed: above 0"),
        ({"confidence": 1}, "confidence is 1; allowed: above 0 and below 1, as 0.99"),
        ({"gap": -1}, "gap is -1; allowed: finite numbers from 0"),
        ({"k": 81}, "k is 81, but 'points' has 80 points; allowed: up to 80"),
        ({"scale": "max"}, "scale is 'max'"),
    ],
)
def test_what_cannot_be_advised_is_refused_in_one_line(points, more, line):
    with pytest.raises(SpecError) as error:
        advise(points, **{"k": 3} | more)
    assert line in str(error.value)


def test_data_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"no\.csv"):
        advise(str(tmp_path / "no.csv"), 3)


def test_the_command_prints_the_advice_and_keeps_nothing(points, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = {*tmp_path.iterdir()}
    assert cli.main(["advise", points, "--k", "4", "--confidence", "0.9", "--gap", "0.01"]) == 0
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()][:3] == ["data", "columns:", "use"]
    assert {*tmp_path.iterdir()} == before


def test_the_help_tells_of_built_in_names(capsys):
    assert cli.main(["advise", "--help"]) == 0
    assert "or a built-in name, as iris" in " ".join(capsys.readouterr().out.split())


def test_a_budget_of_nothing_ends_the_command_with_2(points, capsys):
    assert cli.main(["advise", points, "--k", "4", "--seconds", "0"]) == 2
    assert "no budget" in capsys.readouterr().err


def test_its_name_in_the_package_is_the_rooms_function():
    assert kl.advise is advice.advise
