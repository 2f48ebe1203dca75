"""The report of whole studies: what it says, what it leaves, and that nothing breaks it."""

import json
import math
import re
from contextlib import suppress
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from kmeans_lab.errors import SpecError
from kmeans_lab.reference import references
from kmeans_lab.report import definitions, findings, numbers, report, sections
from kmeans_lab.report.page import Glossary, Table, plain
from kmeans_lab.report.verdict import verdict
from kmeans_lab.runner import runner
from kmeans_lab.spec.spec import Spec
from kmeans_lab.statistics import wilson
from kmeans_lab.study import study
from kmeans_lab.study.views import FIGURES

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


NAMES = {  # columns that name, or describe the data and the study
    *("data set", "k", "init", "against", "e.g. run", "what", "value", "source"),
    *("points", "features", "scale", "hidden groups", "points × features", "fingerprint"),
    *("study", "seeds", "inits", "spec digest"),
}


def undefined(made):
    """Columns of the tables of some sections that neither name nor lead to a definition."""
    parts = [part for section in made if section for part in section.parts]
    glossaries = [part for part in parts if isinstance(part, Glossary)]
    known = {f"#{anchor}" for part in glossaries for anchor, _, _ in part.entries}
    tables = [part for part in parts if isinstance(part, Table)]
    assert tables
    return {
        (table.caption, column)
        for table in tables
        for column in table.columns
        if column not in NAMES and table.links.get(column) not in known
    }


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
    whole = (lab.folder / "report.html").read_text(encoding="utf-8")
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", whole)
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


def test_missing_starts_are_warned_of(tmp_path):
    done = made(tmp_path, runs=2)
    done.store.save_spec(replace(done.spec, runs=5))
    report.build(study.open(done.folder))
    words = " ".join(page(done).words)
    assert "6 of 10 starts are missing." in words


def test_a_stated_best_that_was_rounded_is_warned_of(built):
    _, words = built(data=[IRIS | {"best_known": {3: 37.05}}])
    assert "No start reaches the stated best" in words
    assert "give it with all its digits" in words
    assert "may be unseen" not in words


def test_many_cells_keep_the_page_small_and_say_what_is_left_out(built):
    done, words = built(grid={"k": [1, 2, 3], "init": ["random", "maximin"]}, runs=3)
    assert (done.folder / "report.html").stat().st_size < 4_000_000
    assert "the films of 2 cells" in words
    assert "kmeans-lab render results/lab best median worst" in words
    assert page(done).tags.count("canvas") > 0


def test_data_sets_whose_names_make_one_file_name_keep_apart(built):
    data = [IRIS | {"name": "a b"}, IRIS | {"name": "a-b"}, IRIS | {"name": "$$"}]
    done, _ = built(data=data, grid={"k": [2], "init": ["random"]}, runs=2)
    names = {path.name for path in (done.folder / "figures").glob("data-*")}
    assert len(names) == 3


@pytest.fixture
def whole(tmp_path, rng):
    """A study of a plane and a line, with groups, several k, references and all that is told."""
    X = rng.normal(size=(60, 2)) + 5 * rng.integers(0, 3, size=(60, 1))
    rows = [f"{x},{y},{'abc'[i % 3]}" for i, (x, y) in enumerate(X)]
    (tmp_path / "plane.csv").write_text("\n".join(["x,y,group", *rows]) + "\n")
    np.save(tmp_path / "line.npy", X[:, :1])
    plane = {"source": str(tmp_path / "plane.csv"), "truth": "group", "best_known": {2: 1.0}}
    data = [plane, {"source": str(tmp_path / "line.npy")}]
    done = made(tmp_path, data=data, grid={"k": [2, 3], "init": ["random", "kkz"]})
    references.complete(done.store)
    return study.open(done.folder)


def test_every_column_of_every_table_names_or_leads_to_its_definition(whole, lab):
    assert undefined(make(lab) for make in report.SECTIONS.values()) == set()
    made = [section for make in report.SECTIONS.values() if (section := make(whole))]
    assert len(made) == len(report.SECTIONS)
    assert undefined(made) == set()
    text = report.page(whole, made)
    ids = re.findall(r' id="([^"]+)"', text)
    terms = [name for name in ids if name.startswith(("term-", "word-"))]
    assert len(terms) == len(set(terms))
    assert {link[1:] for link in Page(text).links if link.startswith("#")} <= set(ids)


def test_a_column_without_a_definition_would_be_found(lab, monkeypatch):
    monkeypatch.delitem(numbers.UNDER, "highest silhouette")
    assert undefined([report.SECTIONS["silhouette"](lab), report.SECTIONS["definitions"](lab)]) == {
        ("Inertia, silhouette, hidden groups", "highest silhouette")
    }


def test_definitions_have_a_source_or_say_that_they_are_the_reports_own():
    for word, line in (*numbers.NUMBERS, *definitions.DUELS):
        links = [piece for piece in line if not isinstance(piece, str)]
        assert all(link.url.startswith(PAPERS) for link in links), word
        assert plain(line).endswith(" Defined here.") == (not links), word


def test_the_words_of_the_verdict_are_defined_by_their_limits(lab):
    meaning = plain(dict(numbers.NUMBERS)["how much the start matters"]).replace("\xa0", " ")
    assert "up to 0.1 % it hardly matters, up to 1 % it matters a little, up to" in meaning
    assert "up to 10 % it matters, above that it matters much." in meaning
    assert "does not matter" in meaning
    (lead, *_) = sections.conclusion(lab).parts
    (degree,) = [piece for piece in lead.line if getattr(piece, "url", "")]
    assert degree.url == "#term-how-much-the-start-matters"
    assert degree.text == findings.cases(lab)[0].degree
    assert f'"><strong>{degree.text}</strong></a>' in report.page(lab, [sections.conclusion(lab)])


def told(done, name):
    """The words of one section, its tables left out."""
    parts = report.SECTIONS[name](done).parts
    lines = [getattr(part, "line", getattr(part, "caption", "")) for part in parts]
    return " ".join(line if isinstance(line, str) else plain(line) for line in lines)


def test_where_all_is_exact_no_interval_is_spoken_of(tmp_path, lab):
    np.save(tmp_path / "few.npy", np.array([[0.0], [1.0], [3.0], [7.0], [8.0], [15.0]]))
    data = [{"source": str(tmp_path / "few.npy")}]
    census = made(tmp_path, data=data, runs="all", grid={"k": [2], "init": ["random", "kkz"]})
    for name in ("richness", "restarts", "inits"):
        assert "95" not in told(census, name)
        assert "independent" not in told(census, name)
    assert "falls to 0" not in told(census, "restarts")
    assert "all the starts there are" in told(census, "richness")
    assert "by construction" in told(census, "fate")
    (optima,) = [p for p in report.SECTIONS["optima"](census).parts if isinstance(p, Table)]
    bars = [cell for row in optima.rows for cell in row if not isinstance(cell, str)]
    assert bars
    assert all(bar.low == bar.share == bar.high for bar in bars)
    (duels,) = [p for p in report.SECTIONS["inits"](census).parts if isinstance(p, Table)]
    assert not any("[" in cell for row in duels.rows for cell in row)
    assert "independent draws" in told(lab, "richness")
    assert "falls to 0 whatever there is to find" in told(lab, "restarts")
    assert "Bands: 95" in told(lab, "restarts")
    assert "each by itself; of many, one in twenty misses" in told(lab, "inits")
    assert "by construction" not in told(lab, "fate")


MANY = ["random", "k-means++", "maximin", "kkz", "first", "var-part"]


@pytest.fixture
def failing(tmp_path):
    """A folder with a module `failing` of two inits that do."""
    code = "def never(X, n_clusters, random_state):\n    1 / 0\n"
    (tmp_path / "failing.py").write_text(code + code.replace("never", "neither"))
    return tmp_path


@pytest.mark.parametrize("more", ["failing:never", "random-partition"])
def test_of_many_inits_the_best_is_set_against_each_other(failing, more):
    done = made(failing, grid={"k": [3], "init": [*MANY, more]}, runs=4, base=failing)
    (table,) = [part for part in report.SECTIONS["inits"](done).parts if isinstance(part, Table)]
    if more == "random-partition":
        cells = {cell.init: done.statistics(cell).reach.value for cell in done.cells}
        (best,) = set.intersection(*({row[0], row[1]} for row in table.rows))
        assert cells[best] == max(cells.values())
        assert table.caption.endswith(f"{best}, the init of the highest success, and each other")
        assert len(table.rows) == 6
        assert "The other 15 pairs of the 7 inits are in summary.json." in told(done, "inits")
    else:  # it has no outcome, so six are left
        assert len(table.rows) == 15
        assert "summary.json" not in told(done, "inits")


def warned(done):
    """The warnings of a study read anew."""
    return [plain(part.line) for part in findings.warnings(study.open(done.folder))]


def test_steps_and_reference_that_were_lost_are_warned_of(whole):
    assert not any("verify" in line for line in warned(whole))
    kept = sorted((whole.folder / "steps").glob("c*.parquet"))
    kept[0].unlink()
    (steps,) = [line for line in warned(whole) if "steps" in line]
    assert steps.startswith(f"The steps are missing of 1 of {len(kept)} blocks of starts: ")
    assert steps.endswith("kmeans-lab verify results/lab --repair")
    for path in kept[1:]:
        path.unlink()
    fate = report.SECTIONS["fate"](study.open(whole.folder))
    assert not any(isinstance(part, Table) for part in fate.parts)
    assert any(f"of {len(kept)} of {len(kept)} blocks" in line for line in warned(whole))
    (whole.folder / "reference.parquet").unlink()
    (lost,) = [line for line in warned(whole) if line.startswith("The reference is missing")]
    assert "of plane/2, plane/3, line/2, line/3: it was searched for" in lost
    assert lost.endswith("kmeans-lab verify results/lab --repair")


def test_steps_that_nobody_asked_for_are_not_missed(tmp_path):
    silent = {"steps": False, "silhouette": "none", "labels": "none"}
    assert warned(made(tmp_path, record=silent)) == []


def test_a_cell_without_starts_is_missing_not_failed(failing):
    inits = ["random", "k-means++", "failing:never", "failing:neither"]
    done = made(failing, grid={"k": [3], "init": inits}, runs=3, base=failing)
    (failed,) = [line for line in warned(done) if "count as failures" in line]
    assert "The first note, of failing:never, says: ZeroDivisionError: " in failed
    assert "; starts of 1 other init failed too. To run" in failed
    done.store.discard(done.store.names()[1:2])
    lines = warned(done)
    assert any(line.startswith("Every start is missing in iris/3/k-means++: ") for line in lines)
    (silent,) = [line for line in lines if line.startswith("No start has an outcome")]
    assert "k-means++" not in silent
    assert "iris/3/failing:never, iris/3/failing:neither" in silent


@pytest.mark.parametrize("shard", ["1/4", "4/4"])
def test_a_study_of_which_inits_have_no_start_yet_is_shown_as_far_as_it_is(tmp_path, shard):
    """Each shard has the one start of one cell: that of an init and a k."""
    grid = {"k": [3, 4], "init": ["random", "k-means++"]}
    spec = Spec(name="part", runs=1, data=[IRIS], grid=grid)
    begun = study.open(runner.run(spec, results=tmp_path, jobs=1, shard=shard))
    report.build(begun)
    assert "k-means++" in (begun.folder / "summary.md").read_text()
    needed = {"dataset": "iris", "k": 3, "init": "random"}
    for name, view in FIGURES.items():
        with suppress(SpecError):  # that there is no start to follow
            begun.figure(name, **{key: needed[key] for key in view.needs})
