"""The explorer in a real browser: a start is a dot, its film computed there is the stored trace."""

import re
from importlib.resources import files
from urllib.parse import quote

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.film.animation import player_assets
from kmeans_lab.report import payload
from kmeans_lab.report.layout import html

pytestmark = pytest.mark.browser
WIDTHS = (390, 1440)
CELL = "iris <b>&amp; $x$/3/k-means++"
READY = "performance.getEntriesByName('explorer-ready').length > 0"
CHOSEN = "seed => KMeansExplorer.trace?.seed === String(seed)"
# Where the dot of a start is in the window, in the chart of ranks.
DOT = """([init, seed]) => {
  const { charts: [chart], board } = KMeansExplorer;
  const cell = board.cells.find(cell => cell.init === init), place = cell.placeOf(String(seed));
  const mark = chart.markOf({ cell, place }), corner = chart.top.getBoundingClientRect();
  return [corner.left + mark.x, corner.top + mark.y];
}"""
# What the player shows in its frame: labels drawn, and the centers that were computed for it.
FRAME = """() => {
  const { player, trace } = KMeansExplorer, [scene] = player.data.scenes;
  const [labels, centers] = scene.shots[player.frame - 1];
  const rows = [...trace.steps.map(step => step.centers), trace.centers];
  return [Array.from(scene.labels[labels], label => label - 1), Array.from(rows[centers])];
}"""
FOCUSABLE = """() => [...document.querySelectorAll(
  'a[href], button, input, select, summary, [tabindex="0"]'
)].filter(each => !each.disabled && each.checkVisibility({ visibilityProperty: true })).length"""
# Whether what has the focus can be told from what has not.
FOCUSED = """() => {
  const { activeElement: each } = document, { outlineStyle, outlineWidth } = getComputedStyle(each);
  const seen = new Set(window.seen ||= []), name = each.tagName;
  window.seen.push(each);
  return [name, seen.has(each), outlineStyle !== "none" && parseFloat(outlineWidth) > 1];
}"""
AXE = files("axe_playwright_python") / "axe.min.js"


SPEC = """
name = "wide"
runs = 8
[[data]]
source = "iris"
name = "plane"
columns = [0, 1]
[[data]]
source = "iris"
name = "space"
columns = [0, 2, 3]
[[data]]
source = "wine"
[grid]
k = [2, 9]
init = ["random", "k-means++", "uniform-box", "random-partition", "maximin", "kkz"]
[lloyd]
empty = "keep"
tol = 1e-3
max_iter = 9
"""
# What the explorer says of each of its starts when it has computed them.
ALL = """async () => {
  const told = [], explorer = KMeansExplorer;
  for (const number of explorer.page.boards.keys()) {
    await explorer.choose(number);
    for (const cell of explorer.board.cells) for (const place of cell.order.keys()) {
      await explorer.select({ cell, place }, { silent: true });
      told.push(explorer.find("facts").textContent);
    }
  }
  return told;
}"""


@pytest.fixture(scope="session")
def study(report):
    return kl.open(report.parent)


@pytest.fixture(scope="session")
def wide(tmp_path_factory):
    """A study of several data sets, k and inits, and a page with its explorer alone."""
    folder = tmp_path_factory.mktemp("wide")
    (folder / "wide.toml").write_text(SPEC)
    done = kl.run(folder / "wide.toml", results=folder)
    page = folder / "page.html"
    assets, section = player_assets(), payload.explorer(done)
    text = html("wide", [section], description="", facts=(), footer="", assets=assets)
    page.write_text(text, encoding="utf-8")
    return done, page


@pytest.fixture
def opened(visit):
    """`opened(width, address)` gives a page whose explorer is ready."""

    def open_at(width, address="", **options):
        seen = visit(width, address, **options)
        seen.page.wait_for_function(READY)
        seen.page.locator(".explorer").scroll_into_view_if_needed()
        return seen

    return open_at


def choose(page, init, seed):
    """Click the dot of a start, and wait for its film."""
    page.locator("[data-chart=ranks]").scroll_into_view_if_needed()
    page.mouse.click(*page.evaluate(DOT, [init, seed]))
    page.wait_for_function("KMeansExplorer.player && KMeansExplorer.trace")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_dot_plays_its_start_and_every_frame_is_that_of_the_trace(opened, study, width):
    seen = opened(width)
    page = seen.page
    choose(page, "k-means++", 7)
    seed = int(page.evaluate("KMeansExplorer.trace.seed"))  # of equal dots the nearest
    assert page.evaluate("KMeansExplorer.trace.cell") == CELL
    trace = study.trace(seed=seed, init="k-means++")
    film = page.locator(".explorer .kml-film")
    assert int(film.get_attribute("data-frames")) == len(trace)
    film.get_by_role("button", name="First frame").click()
    for frame in trace:
        labels, centers = page.evaluate(FRAME)
        np.testing.assert_array_equal(labels, frame["labels"])
        np.testing.assert_array_equal(np.reshape(centers, (3, 2)), frame["centroids"])
        assert film.locator(".kml-caption").inner_text() == frame["description"]
        if frame is not trace[-1]:
            film.get_by_role("button", name="One frame forward").click()
    assert trace[-1]["phase"] == "converged"
    assert "to the last bit" in page.locator("[data-part=facts]").inner_text()
    assert f"seed={seed}" in page.evaluate("location.hash")
    assert seen.errors == []
    assert seen.outside == []


def test_a_click_plays_unless_motion_is_to_be_reduced(opened):
    page = opened(1440).page
    choose(page, "random", 3)
    assert page.evaluate("KMeansExplorer.player.timer") > 0
    page = opened(1440, reduced_motion="reduce").page
    choose(page, "random", 3)
    assert page.evaluate("KMeansExplorer.player.timer") == 0


def test_a_tap_chooses(opened):
    page = opened(390, has_touch=True).page
    page.locator("[data-chart=ranks]").scroll_into_view_if_needed()
    page.touchscreen.tap(*page.evaluate(DOT, ["random", 5]))
    page.wait_for_function("KMeansExplorer.trace")
    assert page.evaluate("KMeansExplorer.trace.cell").endswith("/random")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_address_chooses_a_start_and_a_range(opened, study, width):
    address = f"#cell={quote(CELL)}&seed=9&inertia=37..38"
    seen = opened(width, address)
    seen.page.wait_for_function(CHOSEN, arg=9)
    assert seen.page.evaluate("KMeansExplorer.trace.cell") == CELL
    inside = int(study.runs["inertia"].between(37, 38).sum())
    told = seen.page.locator("[data-part=count]").inner_text()
    assert told.startswith(f"{inside} of {len(study.runs)} starts")
    other = re.sub("seed=9", "seed=4", address)
    seen.page.evaluate("address => { location.hash = address; }", other)
    seen.page.wait_for_function(CHOSEN, arg=4)
    assert seen.errors == []


def test_an_address_names_a_run_or_a_range_backward_or_is_told_what_is_wrong(opened, study):
    page = opened(1440, "#run=9&inertia=38..37").page
    row = study.runs.set_index("run").loc[9]
    page.wait_for_function(CHOSEN, arg=int(row["seed"]))
    assert page.evaluate("KMeansExplorer.trace.init") == row["init"]
    inside = int(study.runs["inertia"].between(37, 38).sum())
    assert page.locator("[data-part=count]").inner_text().startswith(f"{inside} of ")
    facts = page.locator("[data-part=facts]")
    assert "outside" not in facts.inner_text()
    worst = study.runs.loc[study.runs["inertia"].idxmax()]
    below = f"#run={worst['run']}&inertia=0..{worst['inertia'] - 1e-6}"
    page.evaluate("address => { location.hash = address; }", below)
    page.wait_for_function(CHOSEN, arg=int(worst["seed"]))
    assert "It is outside the range of inertia that is shown." in facts.inner_text()
    page.evaluate("location.hash = '#inertia=low'")
    page.wait_for_function(
        "document.querySelector('[data-part=facts]').textContent.includes('is no range')"
    )
    assert "inertia=low is no range; one is inertia=3" in facts.inner_text()


def test_a_drag_takes_a_range_of_inertia_in_every_chart(opened, study):
    page = opened(1440).page
    box = page.locator("[data-chart=silhouette]").bounding_box()
    middle = box["x"] + box["width"] / 2
    worst = study.runs["inertia"].max()
    up = page.evaluate("inertia => KMeansExplorer.charts[1].up(inertia)", worst)
    page.mouse.move(middle, box["y"] + up + 6)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + up + 40, steps=4)
    page.mouse.move(middle, box["y"] + box["height"] - 45, steps=4)
    page.mouse.up()
    inside = int((study.runs["inertia"] < worst).sum())
    told = page.locator("[data-part=count]")
    assert told.inner_text().startswith(f"{inside} of {len(study.runs)} starts")
    assert page.evaluate("KMeansExplorer.walk.length") == inside
    assert "inertia=" in page.evaluate("location.hash")
    page.get_by_role("button", name="All starts").click()
    assert told.inner_text().startswith(f"{len(study.runs)} starts")
    assert "inertia=" not in page.evaluate("location.hash")


def test_a_range_is_taken_by_keys_too(opened, study):
    page = opened(390).page
    slider = page.locator("[data-part=from]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    levels = np.unique(study.runs["inertia"])
    inside = int((study.runs["inertia"] >= levels[1]).sum())
    assert page.locator("[data-part=count]").inner_text().startswith(f"{inside} of ")
    assert "gap" in slider.get_attribute("aria-valuetext")


def test_starts_are_a_list_that_arrows_walk_and_enter_plays(opened, study):
    page = opened(1440).page
    page.locator("[data-part=list]").focus()
    option = page.locator("[data-part=option]")
    page.keyboard.press("Home")
    assert option.get_attribute("aria-posinset") == "1"
    assert option.get_attribute("aria-setsize") == str(len(study.runs))
    first = study.chosen("best", study.cells[0])
    seed = int(study.runs.loc[study.runs["run"] == first, "seed"].iloc[0])
    assert option.inner_text().startswith(f"random, seed {seed}, inertia ")
    page.keyboard.press("PageDown")
    assert option.inner_text().startswith("k-means++, seed ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_function("KMeansExplorer.trace && KMeansExplorer.player")
    assert option.get_attribute("aria-selected") == "true"
    assert f"seed {page.evaluate('KMeansExplorer.trace.seed')}," in option.inner_text()


def test_a_start_is_chosen_by_its_seed_or_its_rank(opened, study):
    page = opened(1440).page
    page.wait_for_function("KMeansExplorer.trace")  # as it appears, it moves what is to be clicked
    page.get_by_label("Seed", exact=True).fill("11")
    page.get_by_role("button", name="Show").click()
    page.wait_for_function(CHOSEN, arg=11)
    page.get_by_label("Seed", exact=True).fill("77")
    page.get_by_role("button", name="Show").click()
    assert "no dot of seed 77" in page.locator("[data-part=facts]").inner_text()
    worst = study.trace("worst", init="random").seed
    page.get_by_role("button", name="Worst").click()
    page.wait_for_function(CHOSEN, arg=worst)


def test_a_pointer_over_a_dot_tells_who_it_is(opened):
    page = opened(1440).page
    page.mouse.move(*page.evaluate(DOT, ["random", 2]))
    tip = page.locator("[data-part=tip]").inner_text()
    assert re.search(r"random, seed \d+\ninertia [\d.]+\ngap [\d.]+ %\noptimum \d+\n\d+ steps", tip)
    page.mouse.move(2, 2)
    assert page.locator("[data-part=tip]").is_hidden()


def test_every_start_of_any_cell_ends_in_the_page_as_it_is_stored(opened, wide):
    done, path = wide
    seen = opened(1440, of=path)
    told = seen.page.evaluate(ALL)
    assert len(told) == len(done.runs)
    assert {*done.runs["status"]} >= {"converged", "max_iter", "tol"}
    assert [line for line in told if not line.endswith("to the last bit.")] == []
    assert seen.errors == []


def test_a_cell_is_chosen_by_address_and_by_what_is_on_the_page(opened, wide):
    done, path = wide
    page = opened(1440, "#cell=space/9/kkz&seed=0", of=path).page
    page.wait_for_function(CHOSEN, arg=0)
    assert page.evaluate("KMeansExplorer.trace.cell") == "space/9/kkz"
    assert page.get_by_label("Data and k").input_value() == "3"
    assert page.locator("[data-part=init]").input_value() == "5"
    page.get_by_label("Data and k").select_option("wine, k = 2")
    page.locator("[data-part=init]").select_option("all, side by side")
    mine = (done.runs["dataset"] == "wine") & (done.runs["k"] == 2)
    told = page.locator("[data-part=count]")
    told.filter(has_text=f"{mine.sum()} starts: random 8, ").wait_for()
    page.get_by_role("button", name="Best").click()
    page.wait_for_function("KMeansExplorer.trace.cell === 'wine/2/random'")
    assert "cell=wine/2/random&seed=" in page.evaluate("location.hash")


def test_an_address_of_no_cell_shows_nobody_else(opened):
    page = opened(1440, "#cell=nope/3/x&seed=1").page
    told = page.locator("[data-part=facts]").inner_text()
    assert "No cell nope/3/x is here; there are iris <b>&amp; $x$/3/random, " in told
    assert page.evaluate("KMeansExplorer.chosen") is None


def test_a_film_is_called_by_its_start(opened):
    page = opened(1440, "#seed=3").page
    page.wait_for_function(CHOSEN, arg=3)
    page.wait_for_function("KMeansExplorer.player")
    inner = page.locator(".explorer .kml-view").first.get_attribute("aria-label")
    assert "seed 3, inertia " in inner
    assert "empty" not in inner


def test_a_start_without_an_outcome_does_not_end_at_an_inertia(visit, tmp_path, rng):
    """Two centers at one place, one of which no point is nearest to."""
    np.save(tmp_path / "points.npy", np.repeat(rng.normal(size=(4, 2)), 5, axis=0))
    done = kl.run(
        kl.Spec(
            name="fail",
            base=tmp_path,
            runs=12,
            data=[{"source": "points.npy"}],
            grid={"k": [4], "init": ["random"]},
            lloyd={"empty": "fail"},
        ),
        results=tmp_path,
    )
    (seed, *_) = done.runs["seed"][done.runs["status"] == "empty_cluster"]
    text = html(
        *("fail", [payload.explorer(done)]),
        **{"description": "", "facts": (), "footer": "", "assets": player_assets()},
    )
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    page = visit(1440, f"#seed={seed}", of=tmp_path / "page.html").page
    page.wait_for_function(CHOSEN, arg=int(seed))
    told = page.locator("[data-part=facts]").inner_text()
    assert told.endswith("ends without an outcome, as stored.")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(opened, width, scheme):
    page = opened(width, f"#cell={quote(CELL)}&seed=9", color_scheme=scheme).page
    page.wait_for_function(CHOSEN, arg=9)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    told = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
    assert told == []


def test_the_tab_key_reaches_every_control_and_shows_where_it_is(opened):
    page = opened(1440, f"#cell={quote(CELL)}&seed=9").page
    page.wait_for_function(CHOSEN, arg=9)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    wanted, reached = page.evaluate(FOCUSABLE), 0
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        name, again, visible = page.evaluate(FOCUSED)
        if name == "BODY" or again:
            break
        assert visible, name
        reached += 1
    assert reached == wanted


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_prints(opened, scheme):
    page = opened(1440, f"#cell={quote(CELL)}&seed=9", color_scheme=scheme).page
    page.wait_for_function(CHOSEN, arg=9)
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 3
    page.emulate_media(media="print")
    assert page.locator(".explorer form").is_hidden()
    assert page.locator("[data-chart=ranks]").is_visible()
    corner = "KMeansExplorer.charts[0].style.paper"
    assert page.evaluate(corner).strip() in ("#fff", "#ffffff")
