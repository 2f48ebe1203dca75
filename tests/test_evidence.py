"""Tables of what starts say: richness, costs, stability, each against the plain definition."""

import itertools
import json

import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

import kmeans_lab as kl
from kmeans_lab.landscape import nearest
from kmeans_lab.report import report
from kmeans_lab.statistics import chao1, good_turing, wilson
from kmeans_lab.study import evidence

INITS = ("random", "k-means++", "kkz")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Iris, forty starts of each init."""
    spec = kl.Spec(
        name="evidence",
        runs=40,
        data=[{"source": "iris", "truth": "species", "columns": [0, 1]}],
        grid={"k": [3], "init": [*INITS, "mine:start"]},
        base=(folder := tmp_path_factory.mktemp("evidence")),
    )
    text = "def start(X, n_clusters, random_state):\n"
    text += "    return X[random_state.choice(len(X), n_clusters, replace=False)]\n"
    (folder / "mine.py").write_text(text)
    return kl.run(spec, results=folder)


def ends(study, cell):
    """Labels of every start of a cell, start after start."""
    X = study.dataset(cell.dataset).X
    return [nearest(X, np.reshape(c, (cell.k, -1))) for c in study.starts(cell)["centers"]]


def row(table, init):
    return table[table["init"] == init].iloc[0]


def test_richness_is_that_of_the_partitions_the_starts_end_in(study):
    counts = study.starts(study.cell(init="random"))["partition"].value_counts().to_numpy()
    found = row(study.richness, "random")
    assert found["optima"] == len(counts)
    assert found["largest"] == counts.max() / 40
    assert found["effective_2"] == pytest.approx(1 / np.square(counts / 40).sum())
    assert tuple(found[["unseen", "unseen_low", "unseen_high"]]) == good_turing(counts)
    assert tuple(found[["chao1", "chao1_low", "chao1_high"]]) == chao1(counts)


def test_an_init_without_chance_leaves_nothing_unseen(study):
    found = row(study.richness, "kkz")
    assert found["unseen"] == found["unseen_high"] == found["posterior_unseen"] == 0
    assert found["chao1"] == found["posterior_optima"] == 1


def test_work_counts_the_distances_of_steps_and_initializer(study):
    cell = study.cell(init="k-means++")
    starts = study.starts(cell)
    plain = 150 * 3 * starts["n_iter"] + starts["init_distances"]
    assert evidence.work(study, cell).tolist() == plain.tolist()
    assert row(study.costs, "k-means++")["work"] == pytest.approx(plain.mean())
    assert (starts["init_distances"] > 0).all()


def test_work_to_the_best_is_all_work_by_the_successes(study):
    cell = study.cell(init="random")
    starts = study.starts(cell)
    reached = (starts["inertia"] <= study.best("iris", 3) * (1 + 1e-9)).sum()
    found = row(study.costs, "random")
    assert found["target_work"] == pytest.approx(evidence.work(study, cell).sum() / reached)
    assert (found["within_0"], found["within_0_low"], found["within_0_high"]) == wilson(reached, 40)


def test_success_grows_with_the_gap_that_is_allowed(study):
    shares = study.costs[["within_0", "within_0.001", "within_0.01", "within_0.05"]].to_numpy()
    assert (np.diff(shares, axis=1) >= 0).all()


def test_of_a_users_own_init_no_work_is_told_but_seconds_are(study):
    found = row(study.costs, "mine:start")
    assert np.isnan(found["work"])
    assert found["seconds"] > 0
    assert found["price_seconds"] > 0


def test_the_best_buy_is_where_the_restarts_cost_least(study):
    bought = evidence.buy(study, list(study.cells))
    able = study.costs.dropna(subset="work").set_index("init")["price_work"]
    assert bought.init == able.idxmin()
    assert bought.price.cost.value == able.min()


def test_agreement_is_the_mean_over_all_pairs_of_starts(study):
    cell = study.cell(init="random")
    pairs = [*itertools.combinations(ends(study, cell), 2)]
    found = row(study.stability, "random")
    ari = np.mean([adjusted_rand_score(a, b) for a, b in pairs])
    ami = np.mean([adjusted_mutual_info_score(a, b) for a, b in pairs])
    assert found["ari"] == pytest.approx(ari)
    assert found["ami"] == pytest.approx(ami)
    assert found["left_out"] == 0


def test_consistency_of_a_point_is_the_mean_overlap_of_its_clusters(study):
    cell = study.cell(init="random")
    overlaps = []
    for a, b in itertools.combinations(ends(study, cell), 2):
        one, other = a == a[:, None], b == b[:, None]
        larger = np.maximum(one.sum(axis=1), other.sum(axis=1))
        overlaps.append((one & other).sum(axis=1) / larger)
    points = evidence.points(study, cell)
    assert points == pytest.approx(np.mean(overlaps, axis=0))
    found = row(study.stability, "random")
    assert found["consistency"] == pytest.approx(points.mean())
    assert found["least_consistent"] == pytest.approx(points.min())


def test_coassociation_is_the_share_of_companions_kept(study):
    cell = study.cell(init="random")
    best = nearest(
        study.dataset("iris").X, np.reshape(study.trace("best", init="kkz").centers[-1], (3, 2))
    )
    mates = (best == best[:, None]) & ~np.eye(150, dtype=bool)
    kept = [
        ((each == each[:, None]) & mates).sum(axis=1) / mates.sum(axis=1)
        for each in ends(study, cell)
    ]
    assert row(study.stability, "random")["coassociation"] == pytest.approx(np.mean(kept))


def test_the_centroid_index_is_held_against_the_hidden_groups(study):
    found = study.stability.set_index("init")
    assert found.loc["kkz", "centroid_index"] == 0
    assert found.loc["kkz", "found_all"] == found.loc["kkz", "found_all_low"] == 1
    assert (found["found_all"] <= 1).all()


def test_the_bands_stand_where_the_starts_reach(study):
    restarts, low, high = evidence.band(study, study.cell(init="random"))
    assert restarts.tolist() == [1, 2]
    assert (low <= high).all()
    assert len(evidence.band(study, study.cell(init="kkz"))[0]) == 0


@pytest.fixture(scope="module")
def written(study):
    """The path of its report."""
    return report.build(study)


def test_the_page_shows_it_verdict_first_and_defines_each_number(written):
    page = written.read_text()
    order = ["verdict", "optima", "richness", "restarts", "costs", "inits", "stability", "fate"]
    places = [page.index(f'<section id="{name}"') for name in [*order, "definitions"]]
    assert places == sorted(places)
    for link in {part.split('"')[0] for part in page.split('href="#term-')[1:]}:
        assert f'id="term-{link}"' in page
    assert page.count('href="#term-') > 20


def test_the_summary_for_programs_holds_it(written):
    summary = json.loads((written.parent / "summary.json").read_text())
    assert [each["init"] for each in summary["richness"]] == [*INITS, "mine:start"]
    assert summary["costs"][3]["work"] is None
    assert len(summary["inits"]) == 6
    duel = summary["inits"][0]
    assert (duel["init"], duel["against"]) == ("random", "k-means++")
    assert duel["a12_interval"][0] <= duel["a12"] <= duel["a12_interval"][1]


def test_of_an_init_whose_every_start_failed_nothing_is_claimed(tmp_path):
    (tmp_path / "mine.py").write_text("def start(X, n_clusters, random_state):\n    return 1 / 0\n")
    data = [{"source": "iris", "truth": "species", "columns": [0, 1]}]
    grid = {"k": [3], "init": ["random", "mine:start"]}
    spec = kl.Spec(name="failed", runs=20, data=data, grid=grid, base=tmp_path)
    failed = kl.run(spec, results=tmp_path)
    found = failed.summary().iloc[1]
    assert (found["starts"], found["outcomes"]) == (20, 0)
    assert found[["reach", "reach_low", "reach_high", "restarts_99"]].isna().all()
    assert row(failed.costs, "mine:start").filter(like="within_").isna().all()
    assert np.isnan(row(failed.stability, "mine:start")["found_all"])
    assert np.isnan(failed.success(failed.cell(init="mine:start")).value)
    report.build(failed)
    told = (failed.folder / "summary.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ")[1:] for line in told if line.startswith("| mine:start | ")]
    assert rows
    assert {cell.strip(" |") for cells in rows for cell in cells} <= {"–", "20", "0", "error 20"}
