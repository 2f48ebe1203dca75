"""Several studies as one: what is joined and refused, what is said, and the files it leaves."""

import json
import re
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

import kmeans_lab as kl
from kmeans_lab.cli import main
from kmeans_lab.comparison import sections
from kmeans_lab.comparison.comparison import Comparison
from kmeans_lab.comparison.latex import SPECIAL, escape, latex
from kmeans_lab.comparison.ranking import Ranking
from kmeans_lab.comparison.report import default_folder
from kmeans_lab.comparison.tables import TABLES
from kmeans_lab.comparison.verdict import verdict
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.reference import references
from kmeans_lab.report.duels import duel_table, duels
from kmeans_lab.report.findings import pairs_of
from kmeans_lab.report.page import Share, Table, plain
from kmeans_lab.runner import runner
from kmeans_lab.spec.spec import Spec
from kmeans_lab.statistics import (
    critical_difference,
    difference,
    friedman,
    opened,
    signed_rank,
    superiority,
    wilson,
)
from kmeans_lab.store.store import Store
from studies import files_in
from test_report import HOSTILE, Page, undefined

IRIS = {"source": "iris", "columns": [0, 1]}


def made(folder, name, init=("random", "k-means++"), data=(IRIS,), k=(3,), **settings):
    """The folder of a study of twelve starts a cell, seeds 0 to 11, unless told otherwise."""
    grid = {"k": [*k], "init": [*init]}
    silent = {"steps": False, "labels": "none", "silhouette": "none"}
    asked = {"name": name, "runs": 12, "data": [*data], "grid": grid, "record": silent} | settings
    return runner.run(Spec(**asked), results=folder, jobs=1)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Two studies of seven small data sets, k = 2 and 3, one init each; and their comparison."""
    folder = tmp_path_factory.mktemp("many")
    random = np.random.default_rng(4)
    data = []
    for i in range(7):
        X = random.normal(size=(40, 2)) + 6 * random.integers(0, 3, size=(40, 1))
        np.save(folder / f"d_{i}.npy", X)
        data.append({"source": str(folder / f"d_{i}.npy"), "name": f"d_{i}"})
    data[0]["name"] = HOSTILE
    one = made(folder, "one", ["random"], data, [2, 3])
    other = made(folder, "other", ["maximin", "k-means++"], data, [3, 2])
    return Comparison([one, other])


def test_few_pairs_have_one_table_and_it_is_defined_too(tmp_path):
    compared = Comparison([made(tmp_path, "a")])
    assert undefined(make(compared) for make in sections.SECTIONS.values()) == set()


def page_of(path):
    return Page(path.read_text(encoding="utf-8"))


def test_starts_of_one_cell_count_once(tmp_path):
    both = made(tmp_path, "both")
    later = made(tmp_path, "later", ["k-means++", "maximin"], seed=6)
    compared = Comparison([both, later])
    assert [cell.init for cell in compared.cells] == ["random", "k-means++", "maximin"]
    assert [cell.starts for cell in compared.cells] == [12, 18, 12]
    cell = compared.cells[1]
    assert sorted(compared.starts(cell)["seed"]) == [*range(18)]
    whole = kl.open(made(tmp_path, "whole", ["k-means++"], runs=18))
    expected = whole.runs.set_index("seed")["inertia"].sort_index()
    found = compared.starts(cell).set_index("seed")["inertia"].sort_index()
    np.testing.assert_array_equal(found, expected)
    bests = [study.best("iris", 3) for study in compared.studies]
    assert compared.best("iris", 3) == min(bests)
    assert list(compared.summary()["starts"]) == [12, 18, 12]


def test_pairs_are_compared_by_their_starts(many):
    table = many.against()
    assert len(table) == 7 * 2 * 3
    for row in table.itertuples():
        best = many.best(row.dataset, row.k)
        one, other = (
            many.starts(cell)["inertia"].to_numpy()
            for init in (row.init, row.against)
            for cell in many.cells
            if (cell.dataset, cell.k, cell.init) == (row.dataset, row.k, init)
        )
        wins = np.sign(other - one[:, None]) * (np.abs(other - one[:, None]) > 1e-9 * best)
        assert row.a12 == pytest.approx((1 + wins.mean()) / 2)
        assert (row.a12, row.a12_low, row.a12_high) == pytest.approx(superiority(one, other))
        hits = [int((ends <= best * (1 + 1e-9)).sum()) for ends in (one, other)]
        told = (row.difference, row.difference_low, row.difference_high)
        shares = wilson(hits[0], one.size), wilson(hits[1], other.size)
        if many.seldom(row.dataset, row.k):
            shares = tuple(map(opened, shares))
        assert told == difference(*shares)


def test_one_study_is_compared_as_several_are(tmp_path):
    study = kl.open(made(tmp_path, "a", ["random", "maximin", "k-means++"]))
    (pair,) = pairs_of(study)
    found = duels(study, pair)
    assert found == Comparison([study]).duels[0][1]
    assert [duel[:2] for duel in found] == [*combinations(study.spec.grid.init, 2)]
    assert len(duel_table("", found).rows) == 3


def test_a_deterministic_init_has_no_uncertainty_of_its_own(tmp_path, monkeypatch):
    """As if maximin drew nothing: its one start is what it always does."""
    fixed = INITIALIZERS["maximin"]._replace(deterministic=True)
    monkeypatch.setitem(INITIALIZERS, "maximin", fixed)
    one = made(tmp_path, "one", ["maximin", "random"])
    later = made(tmp_path, "later", ["maximin"], seed=3)
    compared = Comparison([one, later])
    assert [cell.starts for cell in compared.cells] == [1, 12]
    ((_, (duel,)),) = compared.duels
    reach = compared.statistics(compared.cells[1]).reach
    mine = compared.statistics(compared.cells[0]).reach.value
    assert duel.reach == pytest.approx((mine - reach.value, mine - reach.high, mine - reach.low))
    ends = compared.starts(compared.cells[0])["inertia"].to_numpy()
    random = compared.starts(compared.cells[1])["inertia"].to_numpy()
    assert duel.lower == superiority(ends, random, deterministic=(True, False))
    assert duel.lower.high - duel.lower.low < np.ptp(superiority(ends, random)[1:])


def test_a_whole_census_takes_the_place_of_a_sample(tmp_path):
    np.save(tmp_path / "six.npy", np.array([[0.0], [1.0], [2.5], [7.0], [8.0], [19.0]]))
    six = [{"source": str(tmp_path / "six.npy")}]
    every = made(tmp_path, "every", ["random"], six, [2, 3], runs="all")
    sample = made(tmp_path, "sample", ["random", "maximin"], six, [2])
    compared = Comparison([sample, every])
    by_init = {(cell.k, cell.init): cell for cell in compared.cells}
    assert [by_init[k, "random"].starts for k in (2, 3)] == [30, 120]
    assert all(by_init[k, "random"].census for k in (2, 3))
    random, maximin = (compared.statistics(by_init[2, i]) for i in ("random", "maximin"))
    ends = kl.open(every).runs.query("k == 2")["inertia"]
    share = (ends <= ends.min() * (1 + 1e-9)).mean()
    assert random.reach == (share, share, share)
    (duel,) = compared.duels[0][1]
    reach = maximin.reach
    assert duel.reach == pytest.approx((share - reach.value, share - reach.high, share - reach.low))
    assert "intervals" in plain(sections.pairwise(compared).parts[0].line)
    known = Comparison([made(tmp_path, "known", ["random", "kkz"], six, [2], runs="all")])
    assert "intervals" not in plain(sections.pairwise(known).parts[0].line)
    # What an interrupted census has done is no sample, and gives way to one.
    part = kl.open(every)
    part.runs = part.runs[part.runs["seed"] < 4]
    assert [cell.starts for cell in Comparison([sample, part]).cells] == [12, 12, 4]
    assert not any(cell.census for cell in Comparison([sample, part]).cells)


def test_the_unit_is_the_data_set_and_k_is_averaged_within(many):
    ranking = many.ranking
    assert ranking.scores.shape == (7, 3)
    assert ranking.needed == 3
    assert ranking.k["d_1"] == (2, 3)
    summary = many.summary()
    mean = summary.groupby(["dataset", "init"])["expected_gap_1"].mean()
    for dataset, init in mean.index:
        assert ranking.scores.loc[dataset, init] == pytest.approx(mean[dataset, init])
    assert ranking.friedman.p == friedman(ranking.scores).p
    assert list(ranking.ranks.values()) == sorted(friedman(ranking.scores).ranks)
    assert ranking.difference == critical_difference(3, 7)
    first = many.equivalence().iloc[0]
    gaps = ranking.scores[first["against"]] - ranking.scores[first["init"]]
    expected = signed_rank(gaps, 0.001)
    assert tuple(first[["better", "equivalent", "worse"]]) == expected


def test_one_data_set_gives_no_ranking_and_says_so(tmp_path):
    compared = kl.compare(made(tmp_path, "a", k=[2, 3, 4]), output=tmp_path / "out")
    assert compared.ranking.friedman is None
    assert compared.equivalence().empty
    over = plain(verdict(compared)[0])
    assert over.startswith(
        "No ranking: 2 inits take at least 6 data sets, and there is 1 data set."
    )
    assert "however many the starts" in over
    assert "No ranking" in page_of(tmp_path / "out" / "report.html").words
    assert "ranks.svg" not in {path.name for path in (tmp_path / "out" / "figures").iterdir()}
    said = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert said["data_sets"] == 1
    assert said["data_sets_needed"] == 6
    assert said["ranks"] == []
    tables = {path.name for path in (tmp_path / "out" / "tables").iterdir()}
    assert {"ranks.csv", "equivalence.csv", "cells.tex", "pairs.tex", "scores.tex"} <= tables
    assert tables.isdisjoint({"ranks.tex", "equivalence.tex"})  # nothing to set


def test_one_init_has_nothing_to_be_ranked_with(tmp_path):
    compared = kl.compare([made(tmp_path, "a", ["random"])], output=tmp_path / "out")
    over, each = map(plain, verdict(compared))
    assert over == "Nothing to rank: random is the only init."
    assert "nothing is compared" in each


def test_a_data_set_without_one_of_the_inits_is_left_out(tmp_path):
    wine = {"source": "wine", "scale": "standard"}
    some = made(tmp_path, "some", ["random"], [IRIS, wine])
    more = made(tmp_path, "more", ["maximin"], [IRIS], k=[2])
    compared = kl.compare([some, more], output=tmp_path / "out")
    assert compared.ranking.left_out == {
        "iris": "no k that all inits share",
        "wine": "no gap of maximin",
    }
    words = " ".join(page_of(tmp_path / "out" / "report.html").words)
    assert "iris (no k that all inits share), wine (no gap of maximin)" in words
    told = (tmp_path / "out" / "summary.md").read_text(encoding="utf-8")
    assert "> **Left out:** iris (no k" in told


def test_data_of_two_names_count_once(tmp_path):
    one = made(tmp_path, "one")
    other = made(tmp_path, "other", ["maximin"], [IRIS | {"name": "flowers"}])
    compared = kl.compare([one, other], output=tmp_path / "out")
    assert compared.datasets == ["iris"]
    assert len(compared.cells) == 3
    words = " ".join(page_of(tmp_path / "out" / "report.html").words)
    assert f"flowers in {other} is the same data as iris" in words


def test_data_are_the_same_by_their_points_alone(tmp_path):
    """Without hidden groups, or with other names of columns, they are no second data set."""
    points = load_iris().data[:, :2]
    np.savetxt(tmp_path / "named.csv", points, delimiter=",", header="a,b", comments="")
    one = made(tmp_path, "one", data=[IRIS | {"truth": "species"}])
    other = made(tmp_path, "other", data=[{"source": str(tmp_path / "named.csv")}])
    assert kl.compare([one, other]).datasets == ["iris"]


def test_no_init_wins_by_failing(tmp_path, monkeypatch, rng):
    """One that begins as `random` does, and fails wherever that is a poor beginning."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "rarely.py").write_text(
        "def start(X, n_clusters, random_state):\n"
        "    first = X[random_state.choice(len(X), n_clusters, replace=False)]\n"
        "    if min(abs(a - b) for i, a in enumerate(first[:, 0]) for b in first[:i, 0]) < 5:\n"
        "        raise ValueError('not spread')\n"
        "    return first\n"
    )
    X = rng.uniform(size=(90, 2)) + np.repeat([[0, 0], [9, 0], [18, 0]], 30, axis=0)
    np.save(tmp_path / "rows.npy", X)
    data = [{"source": str(tmp_path / "rows.npy")}]
    compared = Comparison(made(tmp_path, "one", ["random", "rarely:start"], data, runs=60))
    random, rarely = map(compared.statistics, compared.cells)
    assert 0 < rarely.outcomes < 60
    assert rarely.expected_gap[1] < random.expected_gap[1]
    (scores,) = compared.ranking.scores[["random", "rarely:start"]].to_numpy()
    worst = max(random.gap.max, rarely.gap.max)
    mean = (rarely.outcomes * rarely.expected_gap[1] + (60 - rarely.outcomes) * worst) / 60
    assert scores == pytest.approx([random.expected_gap[1], mean])


def test_a_best_that_nothing_but_the_starts_tells_is_doubted(tmp_path):
    one = made(tmp_path, "one", k=[3, 8])
    kl.compare([one], output=tmp_path / "out")
    words = " ".join(" ".join(page_of(tmp_path / "out" / "report.html").words).split())
    assert "In 2 of 2 pairs the best known is the best of these starts" in words
    assert "The best was seen fewer than 10 times on iris, k = 8" in words
    references.extend(Store(one), 0.2)
    assert Comparison(one).is_elsewhere("iris", 3)


def refused(*studies, output=None):
    with pytest.raises(kl.SpecError) as found:
        kl.compare([*studies], output=output)
    assert "\n" not in str(found.value)
    return str(found.value)


def test_different_data_under_one_name_are_refused(tmp_path):
    one = made(tmp_path, "one")
    other = made(tmp_path, "other", data=[IRIS | {"scale": "standard"}])
    line = refused(one, other, output=tmp_path / "out")
    assert re.fullmatch(
        rf"data set 'iris' is 150 × 2 \(fingerprint [0-9a-f]{{12}}\) in {one} and 150 × 2 "
        rf"\(fingerprint [0-9a-f]{{12}}\) in {other}; allowed: one name for the same data: .*",
        line,
    )
    assert not (tmp_path / "out").exists()


def test_what_is_no_comparison_of_inits_is_refused(tmp_path):
    one = made(tmp_path, "one")
    other = made(tmp_path, "other", lloyd={"max_iter": 5})
    assert f"[lloyd] max_iter is 300 in {one} and 5 in {other}; allowed: " in refused(one, other)
    assert f"{one} is given twice; allowed: each study once" in refused(one, one)
    assert "no study is given; allowed: " in refused()
    assert "is no study; allowed: " in refused(tmp_path)
    assert "is there and is no comparison; allowed: " in refused(one, output=one)
    assert "is there and is no comparison; allowed: " in refused(one, output=one / "study.json")


def test_other_code_of_an_init_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    code = "def first(X, n_clusters, random_state):\n    return X[:n_clusters]\n"
    places = []
    for name in ("one", "other"):
        (tmp_path / "comparable_init.py").write_text(f"# {name}\n{code}")
        places.append(made(tmp_path, name, ["comparable_init:first"]))
    assert "init 'comparable_init:first' is other code in" in refused(*places)


def test_starts_that_failed_in_one_study_are_taken_from_another(tmp_path):
    one, other = made(tmp_path, "one"), made(tmp_path, "other")
    broken = kl.open(one)
    broken.runs.loc[:5, "status"] = "error"
    broken.runs.loc[:5, "inertia"] = np.nan
    compared = Comparison([broken, other])
    assert compared.runs["inertia"].notna().all()
    assert len(compared.runs) == 24
    assert Comparison([broken]).runs["inertia"].isna().sum() == 6


def test_the_page_loads_nothing_and_every_number_leads_to_its_definition(many, tmp_path):
    path = many.report(tmp_path / "out")
    seen, text = page_of(path), path.read_text(encoding="utf-8")
    outside = ("data:", "#", "https://doi.org/", "https://www.jmlr.org/")
    assert all(link.startswith(outside) for link in seen.links)
    ids = set(re.findall(r' id="([^"]+)"', text))
    local = {link[1:] for link in seen.links if link.startswith("#")}
    assert local <= ids
    assert {f"term-{name}" for name in ("success", "mean-gap", "a₁₂", "average-rank")} <= local
    assert undefined(make(many) for make in sections.SECTIONS.values()) == set()
    assert "b" not in seen.tags
    assert any(HOSTILE in word for word in seen.words)
    for picture in seen.pictures:
        assert len(picture["alt"]) > 20


def test_tables_read_back_are_the_frames(many, tmp_path):
    many.report(tmp_path / "out")
    names = {path.stem for path in (tmp_path / "out" / "tables").glob("*.csv")}
    assert names == TABLES.keys() == {p.stem for p in (tmp_path / "out" / "tables").glob("*.tex")}
    for name, table in TABLES.items():
        frame = table.frame(many)
        read = pd.read_csv(tmp_path / "out" / "tables" / f"{name}.csv")
        pd.testing.assert_frame_equal(read, frame, check_dtype=False, rtol=1e-14, atol=0)
        assert len(frame)


def test_a_long_page_says_where_the_rest_is(many, tmp_path, monkeypatch):
    monkeypatch.setattr(sections, "SHOWN", 5)
    words = "".join(page_of(many.report(tmp_path / "out")).words)
    assert "9 more rows are in tables/cells.csv." in words
    assert "37 more rows are in tables/pairs.csv." in words


def structure(text):
    """Rows of a tabular by their cells, having seen that braces and dollars are balanced."""
    bare = re.sub(r"\\[\\&%$#_{}]", lambda m: "\\\\" if m[0] == "\\\\" else "", text)
    body = "\n".join(line for line in bare.splitlines() if not line.startswith("%"))
    assert body.count("{") == body.count("}")
    assert body.count("$") % 2 == 0
    assert "#" not in body
    assert "%" not in body
    head, begin, rest = body.partition(r"\begin{tabular}{")
    columns, _, rest = rest.partition("}")
    rows = rest.removesuffix("\\end{tabular}").replace("\\toprule", "")
    rows = rows.replace("\\midrule", "").replace("\\bottomrule", "")
    assert begin
    assert not head.strip()
    lines = [row for row in rows.split("\\\\") if row.strip()]
    assert {row.count("&") + 1 for row in lines} == {len(columns)}
    return lines


def test_latex_tables_are_whole(many, tmp_path):
    many.report(tmp_path / "out")
    for name, table in TABLES.items():
        text = (tmp_path / "out" / "tables" / f"{name}.tex").read_text(encoding="utf-8")
        worded = table.worded(many)
        assert len(structure(text)) == len(worded.rows) + 1
        assert text == latex(worded)
        assert (
            name in ("ranks", "equivalence")
            or r"iris \textless{}b\textgreater{}\&amp; \$x\$ \textbar{}" in text
        )


def test_latex_escapes_all_that_it_would_read_otherwise():
    hostile = "a_b & 50\u00a0% #1 {x} ~ ^ \\cmd $y$ < 10⁻⁷ A₁₂"
    row = (hostile, Share("49.5\u00a0% [46.4–52.6]", 0.4, 0.5, 0.6), "[1–2]")
    text = latex(Table("100 % & more\nlines", ("name", "share", "of"), (row,), ("name",)))
    assert len(structure(text)) == 2
    assert text.startswith("% 100 % & more lines\n")
    assert (
        r"a\_b \& 50~\% \#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{}cmd" in text
    )
    assert r"\$y\$ \textless{} 10$^{-7}$ A$_{12}$ & 49.5~\% [46.4--52.6] & {[1--2]} \\" in text
    assert all(escape(letter) == shown for letter, shown in SPECIAL.items())


def test_a_comparison_may_be_made_again_and_leaves_nothing_old(many, tmp_path):
    folder = tmp_path / "out"
    many.report(folder)
    (folder / "tables" / "old.csv").write_text("old")
    before = files_in(folder)
    many.report(folder)
    after = files_in(folder)
    assert before.keys() - after.keys() == {"tables/old.csv"}
    assert {name: before[name] for name in after} == after


def test_python_writes_nothing_unless_asked(tmp_path):
    study = made(tmp_path, "a")
    before = files_in(tmp_path)
    assert "24 starts in 2 cells" in repr(kl.compare(study))
    assert files_in(tmp_path) == before


def test_the_command_names_its_page_and_refuses_in_one_line(tmp_path, capsys):
    one = made(tmp_path, "one")
    other = made(tmp_path, "other", ["maximin"])
    assert main(["compare", str(one), str(other)]) == 0
    told = capsys.readouterr()
    assert told.out == f"report     {tmp_path / 'comparison-one-other' / 'report.html'}\n"
    assert main(["compare", str(one), "--output", str(tmp_path / "mine")]) == 0
    assert capsys.readouterr().out == f"report     {tmp_path / 'mine' / 'report.html'}\n"
    assert main(["compare", str(one), str(one)]) == 2
    told = capsys.readouterr()
    assert not told.out
    assert told.err.count("\n") == 1
    assert main(["compare"]) == 2


def test_a_folder_of_many_studies_has_a_short_name(many, tmp_path):
    studies = [SimpleNamespace(folder=tmp_path / f"a-study-of-some-length-{i}") for i in range(9)]
    found = default_folder(SimpleNamespace(studies=studies))
    assert found == tmp_path / "comparison-a-study-of-some-length-0-and-8-more"


def judged(scores):
    """The verdict of mean gaps on data sets, each init's column by its letter."""
    scores = pd.DataFrame(scores, columns=[*"abcdefgh"[: len(scores[0])]])
    found = friedman(scores)
    D, m = scores.shape
    ranking = Ranking(scores, {}, {}, 3, found, critical_difference(m, D))
    over, each = verdict(SimpleNamespace(ranking=ranking, duels=[]))
    assert plain(each).startswith("No data set and k has outcomes of two inits")
    return plain(over).replace("\u00a0", " ")


def test_the_verdict_claims_what_the_ranks_tell():
    alone = judged([[1, 2, 3]] * 20)
    assert alone.startswith(
        "Over 20 data sets a ends lowest, average rank 1.00: ahead of b (2.00) "
    )
    assert "not told apart" not in alone
    assert "p < 0.001" in alone
    two = judged([[1, 2, 9, 8], [2, 1, 8, 9]] * 6)
    assert (
        "a ends lowest, average rank 1.50: ahead of c (3.50) and d (3.50), not told apart " in two
    )
    assert "from b (1.50) (critical difference 1.35; Friedman, p < 0.001)." in two
    # The ranks differ by more than chance, but three data sets set no two of them apart.
    none = judged([[1, 2, 3, 4, 5], [1, 3, 2, 5, 4], [2, 1, 4, 3, 5]])
    assert none.startswith(
        "No init is apart from the best over 3 data sets: a has average rank 1.33"
    )
    assert "p = 0.029" in none
    many = judged([[1, 2, 3, 4, 5, 6, 7, 8]] * 30)
    assert "ahead of c (3.00), d (4.00), e (5.00), f (6.00) and 2 more, not told apart" in many
    nothing = judged([[1, 2, 3], [3, 2, 1], [2, 1, 3], [3, 1, 2]])
    assert nothing.startswith("No init is ahead over 4 data sets")
    assert "Friedman, p = " in nothing
