"""Portraits of a study: on screen, as files, in the report; and what is refused."""

from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

import kmeans_lab as kl
from kmeans_lab.cli import main
from kmeans_lab.errors import SpecError
from kmeans_lab.pictures.portrait import CUT_OFF
from kmeans_lab.report import portraits as reported
from kmeans_lab.report.page import Prose
from kmeans_lab.report.page import plain as plain_text
from kmeans_lab.runner.compute import settings
from kmeans_lab.runner.given import ends
from kmeans_lab.store.store import Store
from kmeans_lab.study import portrait_files, portraits, traces
from studies import files_in, write_points, write_spec

LESS = "[record]\nsteps = false\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Six cells: k = 1, 3 and 6, two inits."""
    folder = tmp_path_factory.mktemp("portraits")
    write_points(folder, np.random.default_rng(20_261_123))
    return kl.run(write_spec(folder, runs=12, k=[3, 6, 1]), results=folder, jobs=1)


@pytest.fixture
def one(tmp_path, rng, monkeypatch):
    """A study of one cell, in the working directory."""
    monkeypatch.chdir(tmp_path)
    write_points(tmp_path, rng)
    return kl.run(write_spec(tmp_path, runs=6, k=[3], init=["random"]), results="results", jobs=1)


def run(capsys, *argv):
    code = main(["portrait", *argv])
    told = capsys.readouterr()
    return code, told.out.splitlines(), told.err.splitlines()


@pytest.mark.parametrize("pick", ["best", "worst", "median", "seed=5", "optimum=1"])
def test_the_start_of_a_pick_ends_where_it_ended(lab, pick):
    for cell in lab.cells if pick != "optimum=1" else lab.cells[:1]:
        row = lab.runs[lab.runs["run"] == lab.found(pick, cell)].iloc[0]
        first = traces.first_of(lab, row)
        np.testing.assert_array_equal(first, lab.trace_of(int(row["run"])).centers[0])
        rules = settings(lab.spec, cell.dataset)
        found = ends(lab.dataset(cell.dataset), rules, lambda b, e, f=first: f[None], 1)
        assert found.ids == (row["partition"],)
        assert found.n_iter.tolist() == [row["n_iter"]]
        assert found.inertia.tolist() == [row["inertia"]]


def test_first_centers_are_drawn_again_where_no_step_is_kept(tmp_path, rng):
    write_points(tmp_path, rng)
    less = kl.run(write_spec(tmp_path, runs=2, k=[3], more=LESS), results=tmp_path, jobs=1)
    for _, row in less.runs.iterrows():
        expected = less.trace_of(int(row["run"])).centers[0]
        np.testing.assert_array_equal(traces.first_of(less, row), expected)


def test_cells_are_numbered_as_the_optima_of_the_study(lab):
    cell = lab.cell("points", 6, "random")
    found = portraits.info(lab, cell, portraits.chosen(center=2, resolution=25))
    known = lab.optima[lab.optima["k"] == 6].set_index("optimum")["inertia"]
    named = found.optimum > 0
    assert len(np.unique(found.optimum[named])) > 2
    np.testing.assert_array_equal(found.reached[named], known[found.optimum[named]])
    assert found.optimum.shape == (25, 25)
    assert found.title.startswith("small: points, k = 6, random, best start, seed ")
    assert found.swept == (1,)
    assert found.best == lab.best("points", 6)


def test_it_shows_itself_in_a_notebook(lab):
    figure = lab.portrait("seed=3", 2, k=3, init="random", resolution=20)
    assert figure._repr_png_().startswith(b"\x89PNG")
    words = [text.get_text() for text in figure.texts]
    assert "small: points, k = 3, random, seed 3" in words
    assert any(word.startswith("Center 2 is put everywhere (20 × 20") for word in words)


@pytest.mark.parametrize("given", [{}, {"seed": 3}, {"run": 6}, {"optimum": 1}, {"pick": "worst"}])
def test_a_portrait_names_its_start_as_a_trace_does(lab, given):
    where = {} if "run" in given else {"k": 3, "init": "random"}
    wanted = given or {"pick": "best"}
    seed = lab.trace(**wanted, **where).seed
    figure = lab.portrait(**given, **where, resolution=4)
    assert any(text.get_text().endswith(f"seed {seed}") for text in figure.texts)
    film = lab.portrait_film(**given, **where, resolution=4, frames=2)
    assert film.infos[0].title.endswith(f"seed {seed}")


def test_more_than_one_start_has_no_portrait(lab):
    with pytest.raises(SpecError, match="best, seed=3; allowed: one"):
        lab.portrait("best", seed=3, k=3, init="random")


def test_a_film_from_python_is_the_command_s(one, capsys):
    film = one.portrait_film(seed=2, center=3, resolution=12, frames=4)
    argv = ("--pick", "seed=2", "--center", "3", "--resolution", "12", "--frames", "4")
    assert run(capsys, "results/small", *argv, "--format", "gif")[0] == 0
    made = Path("results/small/renders/portrait-seed=2-3-12x12-4-frames.gif")
    assert film.save("own.gif").read_bytes() == made.read_bytes()
    shown = film._repr_html_()
    assert shown.startswith('<img alt="Film of 4 portraits, center 1 goes round. Map of 144 starts')
    with pytest.raises(SpecError, match=r"own.webm: .* allowed: .gif, .mp4"):
        film.save("own.webm")


def test_a_figure_called_portrait_points_to_the_portrait(lab):
    with pytest.raises(SpecError, match=r"'portrait' is no figure of .*; call study.portrait\(\)"):
        lab.figure("portrait")


def test_letters_that_no_font_has_are_told_once_in_one_line(tmp_path, rng, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_points(tmp_path, rng)
    spec = write_spec(tmp_path, runs=2, k=[2], init=["random"], name="\U0001f9ff study")
    kl.run(spec, results="results", jobs=1)
    code, _, err = run(capsys, "results/\U0001f9ff study", "--resolution", "4")
    assert code == 0
    assert [line for line in err if "□" in line] == [
        "kmeans-lab: no font here has \U0001f9ff: drawn as □; "
        "install one that has them, as Noto Sans CJK, and repeat"
    ]


@pytest.mark.parametrize("option", ["--resolution", "--frames"])
def test_too_few_are_told_the_least_at_once(one, capsys, option):
    for value in ("0", "1"):
        code, _, err = run(capsys, "results/small", option, value)
        assert code == 2
        assert f"{value!r} is not a whole number of at least 2" in err[0]


def test_with_one_center_all_places_are_one(lab):
    found = portraits.info(lab, lab.cell("points", 1, "random"), portraits.chosen(resolution=5))
    assert (found.optimum == 1).all()
    assert "ends in optimum 1" in " ".join(portraits.draw(found).texts[-1].get_text().split())


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"center": 4}, "center is 4 in points/3/random of .*; allowed: 1 to 3"),
        ({"center": 0}, "center is 0; allowed: whole numbers from 1"),
        ({"center": 1.5}, "center is 1.5; allowed"),
        ({"against": 2}, "against is 2 in .*; allowed: none but in a film, or with one feature"),
        ({"against": 1}, "against is 1 in .*; allowed: another than center"),
        ({"against": 9}, "against is 9 in .*; allowed: 1 to 3"),
        ({"resolution": 1}, "resolution is 1; allowed: whole numbers from 2 to 2000"),
        ({"resolution": 2001}, "resolution is 2001; allowed: whole numbers from 2 to 2000"),
        ({"resolution": "fine"}, "resolution is 'fine'; allowed"),
        ({"pick": "bset"}, "did you mean 'best'"),
        ({"pick": "seed=99"}, "no start 'seed=99' in points/3/random"),
        ({"k": 4}, "k is 4 .*allowed: 3, 6, 1"),
    ],
)
def test_what_no_portrait_can_be_of_is_one_line(lab, given, text):
    with pytest.raises(SpecError, match=text) as error:
        lab.portrait(**{"k": 3, "init": "random"} | given)
    assert "\n" not in str(error.value)


def test_a_portrait_is_a_file_beside_the_films(one, capsys):
    code, out, err = run(capsys, "results/small", "--resolution", "20", "--format", "png,svg")
    names = [f"results/small/renders/portrait-best-1-20x20.{kind}" for kind in ("png", "svg")]
    assert (code, out) == (0, [f"portrait   {name}" for name in names])
    told = [line.partition(",")[0] for line in err if "no font here" not in line]
    assert told == ["400 of 400 starts (100 %)"]
    assert all(Path(name).stat().st_size for name in names)
    assert Store("results/small").verify() == []
    assert run(capsys, "results/small", "--pick", "seed=2", "--center", "3")[1] == [
        "portrait   results/small/renders/portrait-seed=2-3.png"
    ]


def test_a_film_has_the_frames_that_were_asked_for(one, capsys):
    argv = ("results/small", "--film", "--frames", "5", "--resolution", "12")
    code, out, _ = run(capsys, *argv, "--format", "gif,mp4")
    paths = [line.split()[1] for line in out]
    assert code == 0
    assert [Path(path).name for path in paths] == [
        f"portrait-best-1-12x12-5-frames.{kind}" for kind in ("gif", "mp4")
    ]
    with Image.open(paths[0]) as image:
        assert image.n_frames == 5
        assert image.info["loop"] == 0
    assert imageio_ffmpeg.count_frames_and_secs(paths[1])[0] == 5


def test_every_cell_has_its_own_folder(lab, capsys):
    code, out, _ = run(capsys, str(lab.folder), "--resolution", "4")
    assert code == 0
    assert [Path(line.split(maxsplit=1)[1]).parent.name for line in out] == [
        f"points-k{cell.k}-{cell.init}" for cell in lab.cells
    ]
    code, out, _ = run(capsys, str(lab.folder), "--resolution", "4", "--cell", "points/6/random")
    assert len(out) == 1


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--center", "4"], "center is 4 in points/3/random of results/small; allowed: 1 to 3"),
        (["--center", "x"], "argument --center: 'x' is not a whole number of at least 1"),
        (["--pick", "seed=9"], "no start 'seed=9' in points/3/random of results/small"),
        (["--pick", "beest"], "pick is 'beest'; did you mean 'best'?"),
        (["--resolution", "2001"], "resolution is 2001; allowed: whole numbers from 2 to 2000"),
        (["--frames", "999"], "frames is 999; allowed: whole numbers from 2 to 240"),
        (["--format", "html"], "argument --format: unknown format 'html'"),
        (["--cell", "points/3/randm"], "unknown cell 'points/3/randm'"),
        (["--centre", "1"], "portrait does not take '--centre'; did you mean '--center'?"),
    ],
)
def test_a_wrong_command_is_one_line_and_writes_nothing(one, capsys, argv, text):
    before = files_in("results")
    code, out, err = run(capsys, "results/small", *argv)
    assert (code, out, len(err)) == (2, [], 1)
    assert text in err[0]
    assert files_in("results") == before


def test_where_no_center_is_left_there_is_no_film(lab, capsys):
    code, out, err = run(capsys, str(lab.folder), "--film", "--cell", "points/1/random")
    assert (code, out, len(err)) == (2, [], 1)
    assert "has no center left to go round; allowed: a larger k, or no film" in err[0]


def test_damaged_portraits_are_made_again(one, capsys):
    argv = ("results/small", "--resolution", "8", "--pick", "worst", "--against", "3")
    assert run(capsys, *argv, "--film", "--frames", "3")[0] == 0
    before = pictures()
    store = Store("results/small")
    for path in Path("results/small/renders").iterdir():
        path.write_bytes(b"damaged")
    assert len(store.verify()) == 2
    assert main(["verify", "results/small", "--repair"]) == 0
    assert pictures() == before
    assert len(before) == 2


def pictures():
    return {name: data for name, data in files_in("results").items() if "portrait" in name}


def test_names_of_files_tell_the_choice_back():
    choices = (
        portraits.chosen(),
        portraits.chosen(pick="seed=7", center=12),
        portraits.chosen(against=2, resolution=150, frames=20),
        portraits.chosen(resolution=40),
        portraits.chosen(frames=12),
    )
    for choice in choices:
        found = portrait_files.NAME.fullmatch(choice.stem)
        numbers = [None if part is None else int(part) for part in found.groups()[1:]]
        assert portraits.Choice(found[1], *numbers) == choice


def test_the_report_shows_the_best_and_the_worst(lab):
    section = reported.portraits(lab)
    assert section.id == "portrait"
    pictures = section.parts[1]
    assert [panel.title for panel in pictures.panels] == ["best start", "worst start"]
    assert "points/3/random, of 6 cells" in plain_text(pictures.caption)
    for panel in pictures.panels:
        assert panel.image.startswith(b"\x89PNG")
        assert len(panel.image) < 150_000
        assert "Map of 90\u202f000 starts by where center 1 is put" in panel.alt


def test_a_study_of_one_start_has_one_portrait(tmp_path, rng):
    write_points(tmp_path, rng)
    made = kl.run(write_spec(tmp_path, runs=1, k=[3], init=["random"]), results=tmp_path, jobs=1)
    assert [panel.title for panel in reported.portraits(made).parts[1].panels] == ["best start"]


def test_the_report_takes_random_starts_that_have_several_optima(tmp_path):
    plain, mixed = tmp_path / "plain.csv", tmp_path / "mixed.csv"
    plain.write_text("0,0\n9,9\n")
    mixed.write_text("0,0\n0,2\n2,0\n2,2\n1,1\n5,1\n")
    spec = kl.Spec(
        name="two",
        runs=20,
        data=[{"source": str(plain)}, {"source": str(mixed)}],
        grid={"k": [1, 2], "init": ["first", "k-means++", "random"]},
    )
    made = kl.run(spec, results=tmp_path, jobs=1)
    assert len(made.optima[(made.optima["dataset"] == "mixed") & (made.optima["k"] == 2)]) > 1
    assert len(made.optima[(made.optima["dataset"] == "plain") & (made.optima["k"] == 2)]) == 1
    caption = plain_text(reported.portraits(made).parts[1].caption)
    assert "mixed/2/random, of 12 cells" in caption


@pytest.mark.parametrize("k", [1, 3])
def test_without_several_optima_or_outcomes_there_is_no_section(tmp_path, rng, k):
    """One center has one optimum; a function that fails has no outcome."""
    write_points(tmp_path, rng)
    (tmp_path / "own.py").write_text(
        "def mine(X, n_clusters, random_state):\n    raise ValueError\n"
    )
    init = ["random"] if k == 1 else ["own:mine"]
    made = kl.run(write_spec(tmp_path, runs=2, k=[k], init=init), results=tmp_path, jobs=1)
    assert reported.portraits(made) is None
    if k == 3:
        with pytest.raises(SpecError, match="2 starts, 0 of them with an outcome"):
            made.portrait()


def test_a_start_that_cannot_be_drawn_again_is_said_in_the_report(tmp_path, rng):
    write_points(tmp_path, rng)
    own = tmp_path / "own.py"
    own.write_text("def mine(X, n_clusters, random_state):\n    return X[:n_clusters]\n")
    spec = write_spec(tmp_path, runs=2, k=[3], init=["own:mine"], more=LESS)
    made = kl.run(spec, results=tmp_path, jobs=1)
    own.write_text(own.read_text().replace("[:n_clusters]", "[-n_clusters:]"))
    section = reported.portraits(made)
    assert isinstance(section.parts[1], Prose)
    assert "cannot be replayed" in plain_text(section.parts[1].line)


def test_a_study_where_nothing_converges_says_so(tmp_path, rng):
    write_points(tmp_path, rng)
    more = "[lloyd]\nmax_iter = 1\n"
    made = kl.run(write_spec(tmp_path, runs=3, k=[3], init=["random"], more=more), results=tmp_path)
    found = portraits.info(made, made.cells[0], portraits.chosen(resolution=6))
    assert (found.optimum == CUT_OFF).all()
    assert found.stopped == {"max_iter": 36}
    assert len(reported.portraits(made).parts[1].panels) == 2
