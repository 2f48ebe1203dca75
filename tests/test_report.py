"""The report of whole studies: what it says, what it leaves, and that nothing breaks it."""

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from kmeans_lab.report import findings, report
from kmeans_lab.report.verdict import verdict
from kmeans_lab.runner import runner
from kmeans_lab.spec.spec import Spec
from kmeans_lab.statistics import wilson
from kmeans_lab.study import study

PAPERS = tuple(f"https://{host}/" for host in ("doi.org", "www.jstor.org", "arxiv.org", "jmlr.org"))
HOSTILE = "iris <b>&amp; $x$ |`"
IRIS = {"source": "iris", "truth": "species", "columns": [0, 1]}


def made(folder, **settings):
    """A study of Iris, twelve starts with seeds 0 to 11 in each cell unless told otherwise."""
    grid = {"k": [3], "init": ["random", "k-means++"]}
    spec = Spec(**{"name": "lab", "runs": 12, "data": [IRIS], "grid": grid} | settings)
    return study.open(runner.run(spec, results=folder, jobs=1))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A study with a hostile name for its data, and its report."""
    done = made(tmp_path_factory.mktemp("report"), data=[IRIS | {"name": HOSTILE}])
    report.build(done)
    return done


class Page(HTMLParser):
    """Tags of a page, its text, and its pictures."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.pictures, self.links, self.words = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append(tag)
        self.links += [values[key] for key in ("src", "href") if values.get(key)]
        if tag == "img":
            self.pictures.append(values)

    def handle_data(self, data):
        self.words.append(data)


def page(done):
    return Page((done.folder / "report.html").read_text(encoding="utf-8"))


def test_the_page_loads_nothing_and_every_picture_has_words(lab):
    seen = page(lab)
    assert all(link.startswith(("data:", "#", *PAPERS)) for link in seen.links)
    assert "link" not in seen.tags or seen.tags.count("link") == 1
    assert seen.pictures
    for picture in seen.pictures:
        assert len(picture["alt"]) > 20
        assert re.search(r"\d", picture["alt"])
        assert int(picture["width"]) > 0
    assert not re.search(r"url\((?!data:)", (lab.folder / "report.html").read_text())


def test_names_are_shown_as_they_are(lab):
    seen = page(lab)
    assert "b" not in seen.tags
    assert any(HOSTILE in text for text in seen.words)
    text = (lab.folder / "summary.md").read_text(encoding="utf-8")
    assert "<b>" not in re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    assert r"iris &lt;b>&amp;amp; \$x\$ \|\`" in text


def test_sections_stand_in_their_order_in_page_and_markdown(lab):
    sections = [make(lab) for make in report.SECTIONS.values()]
    titles = [section.title for section in sections if section]
    text = (lab.folder / "summary.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == titles
    assert titles[0] == "Verdict"
    assert titles[-1] == "Sources"
    assert "Over k" not in titles


def test_markdown_links_only_to_pictures_that_are_there(lab):
    text = (lab.folder / "summary.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\(figures/([^)]*)\)", text))
    assert linked == {path.name for path in (lab.folder / "figures").iterdir()}


def test_the_verdict_has_the_numbers_of_the_runs(lab):
    runs = lab.runs
    best = runs["inertia"].min()
    (case,) = findings.cases(lab)
    assert case.best == best
    for cell in case.cells:
        mine = runs[runs["init"] == cell.init]
        hits = int((mine["inertia"] <= best * (1 + 1e-9)).sum())
        assert cell.share == wilson(hits, 12)
        assert cell.gap == pytest.approx((mine["inertia"] / best - 1).mean())
        assert cell.restarts.value == math.ceil(math.log(0.01) / math.log(1 - hits / 12))
    assert len(verdict([case])) == 2


def test_summary_json_is_strict_and_holds_the_summary(lab):
    def refuse(word):
        raise AssertionError(word)

    text = (lab.folder / "summary.json").read_text(encoding="utf-8")
    said = json.loads(text, parse_constant=refuse)
    assert said["schema_version"] == 1
    assert said["spec_digest"] == lab.store.about()["spec_digest"]
    assert len(said["verdict"]) == 2
    for cell, (_, row) in zip(said["cells"], lab.summary().iterrows(), strict=True):
        assert cell["reach"] == row["reach"]
        assert cell["reach_interval"] == [row["reach_low"], row["reach_high"]]
        assert cell["inertia_median"] == row["inertia_median"]
        known = {key.removesuffix("_interval") for key in cell}
        assert {re.sub("_(low|high)$", "", key) for key in row.index} == known
    (optima,) = said["optima"]
    assert optima["count"] == len(lab.optima)
    assert optima["listed"][0]["inertia"] == lab.runs["inertia"].min()
    assert optima["listed"][0]["sizes"] == list(lab.optima["sizes"][0])


def test_a_report_is_the_same_bytes_again_and_from_a_moved_folder(lab, tmp_path):
    before = (lab.folder / "report.html").read_bytes()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in lab.folder.rglob("*"):
        target = moved / path.relative_to(lab.folder)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    assert report.build(study.open(moved)).read_bytes() == before


def test_old_pictures_go_and_what_is_written_is_listed(lab):
    stale = lab.folder / "figures" / "old.svg"
    stale.write_text("old")
    lab.store.record(stale)
    report.build(lab)
    assert not stale.exists()
    listed, bad = lab.store.checksums.read()
    assert "figures/old.svg" not in listed
    assert not bad
    assert {"report.html", "summary.json", "summary.md"} <= listed.keys()
    assert lab.store.verify() == []


@pytest.fixture
def built(tmp_path):
    """`built(**settings)` makes a study and its report, and gives it with the page's words."""

    def build(**settings):
        done = made(tmp_path, **settings)
        report.build(done)
        json.loads((done.folder / "summary.json").read_text())
        return done, " ".join(page(done).words)

    return build


def test_starts_that_were_cut_off_are_warned_of(built):
    _, words = built(lloyd={"max_iter": 3})
    assert "were cut off by max_iter = 3 before they converged: raise [lloyd] max_iter" in words


@pytest.mark.parametrize(
    "settings",
    [
        {"grid": {"k": [1], "init": ["random"]}},
        {"runs": 1},
        {"record": {"steps": False, "silhouette": "none", "labels": "none"}},
    ],
    ids=["k-1", "one-start", "nothing-recorded"],
)
def test_poor_studies_have_a_report(built, settings):
    done, words = built(**settings)
    assert "How many restarts" in words
    assert (done.folder / "figures").iterdir()


def test_a_best_inertia_of_zero_has_a_report(built, tmp_path):
    np.save(tmp_path / "few.npy", np.array([[0.0], [1.0], [3.0]]))
    done, words = built(
        data=[{"source": str(tmp_path / "few.npy")}], grid={"k": [2, 3], "init": ["random"]}
    )
    assert done.best("few", 3) == 0
    assert "Over k" in words


def test_starts_without_an_outcome_are_warned_of(built, tmp_path):
    np.save(tmp_path / "far.npy", np.array([[0.0], [0.0], [1.0], [9.0]]))
    done, words = built(
        data=[{"source": str(tmp_path / "far.npy")}],
        grid={"k": [3], "init": ["random"]},
        lloyd={"empty": "fail"},
    )
    lost = int((done.runs["status"] == "empty_cluster").sum())
    assert 0 < lost < 12
    assert f"{lost} of 12 starts" in words
    assert "were ended by an empty cluster" in words


def test_an_init_that_always_fails_breaks_nothing(built, tmp_path, monkeypatch):
    (tmp_path / "failing_init.py").write_text(
        "def never(X, n_clusters, random_state):\n    1 / 0\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    _, words = built(grid={"k": [3], "init": ["failing_init:never"]}, runs=3)
    assert "No start has an outcome, so how much the start matters is not known." in words
    assert "ZeroDivisionError" in words
    _, words = built(grid={"k": [3], "init": ["random", "failing_init:never"]}, name="half")
    assert "3/failing_init:never: nothing is said of them" in words


def test_missing_starts_are_warned_of(built):
    done, _ = built(runs=2)
    stored = study.open(done.folder)
    stored.store.save_spec(replace(stored.spec, runs=5))
    report.build(study.open(done.folder))
    words = " ".join(page(done).words)
    assert "6 of 10 starts are missing." in words


def test_a_stated_best_that_was_rounded_is_warned_of(built):
    _, words = built(data=[IRIS | {"best_known": {3: 37.05}}])
    assert "No start reaches the stated best" in words
    assert "give it with all its digits" in words
    assert "may be unseen" not in words


def test_many_cells_keep_the_page_small_and_say_what_is_left_out(built):
    done, words = built(grid={"k": [1, 2, 3, 4, 5], "init": ["random", "maximin"]}, runs=3)
    assert (done.folder / "report.html").stat().st_size < 15_000_000
    assert "the films of 6 cells" in words
    assert "kmeans-lab render results/lab best median worst" in words
    assert page(done).tags.count("canvas") > 0


def test_data_sets_whose_names_make_one_file_name_keep_apart(built):
    data = [IRIS | {"name": "a b"}, IRIS | {"name": "a-b"}, IRIS | {"name": "$$"}]
    done, _ = built(data=data, grid={"k": [2], "init": ["random"]}, runs=2)
    names = {path.name for path in (done.folder / "figures").glob("data-*")}
    assert len(names) == 3
