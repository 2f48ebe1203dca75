"""Films in a real browser: what is drawn is what the scene says, in a plane and in space."""

import numpy as np
import pytest

from kmeans_lab.film.animation import Film
from starts import COLUMNS, trace_of

pytestmark = pytest.mark.browser
WIDTHS = (390, 1440)
FRAME = "(film, i) => film.player.go(i + 1)"
SEEN = """film => {
  const view = film.player.views[0], [row, place] = view.scene.shots[film.player.frame - 1];
  return {
    points: [...view.rows[row].keys()].map(i => view.point(i).slice(0, 2)),
    labels: [...view.rows[row]],
    centers: [...Array(view.scene.k).keys()].map(c => [...view.center(place, c)].slice(0, 2)),
    moved: view.moved(film.player.frame - 1),
    inertia: view.series[1].texts,
    hold: film.player.hold(),
  };
}"""


@pytest.fixture
def films(iris2, rng):
    """Films of every number of features."""
    flat = rng.normal(size=(60, 1))
    return {
        "two": Film([trace_of(iris2, 3, 7, columns=COLUMNS, gap=0.5)]),
        "three": Film([trace_of(rng.normal(size=(90, 3)), 9, max_iter=6)]),
        "one": Film([trace_of(flat, 3)]),
        "many": Film([trace_of(rng.normal(size=(90, 7)), 4)]),
        "single": Film([trace_of(flat[:1].copy(), 1)]),
        "several": Film([trace_of(iris2, 3, seed) for seed in (7, 128, 1)], ["a", "b", "c"]),
    }


@pytest.fixture
def opened(browser, tmp_path):
    """`opened(film, width, **options)` gives a page, its film, and what it logged."""
    pages = []

    def open_film(film, width=1440, **options):
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        pages.append(page)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(film.save(tmp_path / "film.html").as_uri())
        return page, page.locator(".kml-film"), errors

    yield open_film
    for page in pages:
        page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", ["one", "two", "three", "many", "single", "several"])
def test_a_film_is_drawn_to_its_end(films, opened, kind, width):
    film = films[kind]
    page, shown, errors = opened(film, width)
    assert int(shown.get_attribute("data-frames")) == len(film)
    for i in (0, 1, len(film) - 1):
        shown.evaluate(FRAME, i)
        captions = [caption.inner_text() for caption in page.locator(".kml-caption").all()]
        assert captions == [scene.shot(i).caption for scene in film.scenes]
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", ["one", "two", "three", "many"])
def test_what_is_seen_is_what_the_scene_says(films, opened, kind):
    film = films[kind]
    (scene,) = film.scenes
    _, shown, errors = opened(film)
    for i in range(len(film)):
        shown.evaluate(FRAME, i)
        seen = shown.evaluate(SEEN)
        left, _, bottom, _ = player_extent(scene)
        width = player_extent(scene)[1] - left
        places = np.array(seen["points"]) * width + [left, bottom]
        np.testing.assert_allclose(places, scene.places(i), atol=width / 20_000)
        centers = np.array(seen["centers"]) * width + [left, bottom]
        np.testing.assert_allclose(centers, scene.center_places(i), atol=width / 20_000)
        assert seen["moved"] == scene.moved(i).tolist()
        shot = scene.shot(i)
        np.testing.assert_array_equal(np.array(seen["labels"]) - 1, scene.labels[shot.labels])
        assert seen["inertia"][: shot.scores][-1:] == [scene.inertia_text(shot)] * bool(shot.scores)
        if i < len(film) - 1:
            assert seen["hold"] == film.durations[i]
    assert errors == []


def player_extent(scene):
    from kmeans_lab.film.player import ASPECT
    from kmeans_lab.pictures.plane import fitted

    return fitted(scene.extent, ASPECT)


def test_who_wants_no_motion_gets_no_turn(films, opened):
    _, calm, _ = opened(films["three"], reduced_motion="reduce")
    _, lively, _ = opened(films["three"])
    for film, turns in ((calm, False), (lively, True)):
        film.evaluate(FRAME, 0)
        first = film.evaluate(SEEN)["points"]
        film.evaluate(FRAME, 2)
        assert (film.evaluate(SEEN)["points"] != first) == turns


def test_a_banner_hides_no_name_of_a_space(films, opened):
    film = films["three"]
    _, shown, _ = opened(film)
    where = """film => {
        const { placed, named } = film.player.views[0], { left, top, width, height } = placed;
        const under = (x, y) => x > left && x < left + width && y > top && y < top + height;
        return { left, top, names: named.length, hidden: named.filter(at => under(...at)).length };
    }"""
    for frame in (0, len(film) - 1):
        shown.evaluate(FRAME, frame)
        found = shown.evaluate(where)
        assert found["names"] == 3 * 13 * 4
        assert found["hidden"] == 0
    shown.evaluate(FRAME, 1)
    shown.evaluate(FRAME, len(film) - 1)
    assert shown.evaluate(where) == found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("frame", "part"), [(3, "drawRings"), (3, "drawTrails"), (0, "drawBanner"), (-1, "drawBanner")]
)
def test_a_part_left_out_changes_the_picture(films, opened, scheme, frame, part):
    film = films["two"]
    _, shown, _ = opened(film, color_scheme=scheme)
    pixels = "film => film.querySelector('canvas').toDataURL()"
    shown.evaluate(FRAME, frame % len(film))
    whole = shown.evaluate(pixels)
    shown.evaluate("(film, part) => { film.player.views[0][part] = () => {}; }", part)
    shown.evaluate(FRAME, frame % len(film))
    assert shown.evaluate(pixels) != whole
