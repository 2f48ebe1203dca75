"""The report in a real browser: phone and desk, light and dark, mouse, keyboard and paper."""

import pytest

pytestmark = pytest.mark.browser
WIDTHS = (390, 1440)
AT_END = "film => Number(film.dataset.frame) === Number(film.dataset.frames)"


def players(page):
    return page.locator("[data-frames]")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_loads_nothing_from_outside_and_logs_no_error(visit, width, scheme):
    seen = visit(width, color_scheme=scheme)
    seen.page.wait_for_load_state("networkidle")
    assert seen.errors == []
    assert seen.outside == []
    assert len(seen.requests) >= 1


@pytest.mark.parametrize("width", [320, *WIDTHS])
def test_page_does_not_scroll_sideways(visit, width):
    page = visit(width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_picture_is_drawn_and_has_words(visit):
    page = visit(1440).page
    pictures = page.locator("img").evaluate_all(
        "all => all.map(i => [i.alt.length, i.decode().then(() => 1)]).map(([n]) => n)"
    )
    assert pictures
    assert min(pictures) > 20
    assert page.evaluate(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth > 0)))"
    )


def test_in_the_dark_light_and_dark_change_places_but_where_they_mean_something(visit):
    page = visit(1440, color_scheme="dark").page
    shown = page.locator("img").evaluate_all(
        "all => all.map(i => [/^Map of [0-9]/.test(i.alt), getComputedStyle(i).filter])"
    )
    portraits = {filter.partition("(")[0] for portrait, filter in shown if portrait}
    others = {filter.partition("(")[0] for portrait, filter in shown if not portrait}
    assert (portraits, others) == ({"brightness"}, {"invert"})


def test_names_are_shown_as_they_are(visit):
    page = visit(1440).page
    assert page.locator("main b").count() == 0
    assert page.get_by_text("iris <b>&amp; $x$").count() > 0


def counted(film):
    """The frame a film shows, and how many it has."""
    return int(film.get_attribute("data-frame")), int(film.get_attribute("data-frames"))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_film_plays_to_its_end(visit, width):
    seen = visit(width)
    film = players(seen.page).first
    assert counted(film)[0] == 1
    film.locator("select").select_option("8")
    film.get_by_role("button", name="Play").click()
    seen.page.wait_for_function(AT_END, arg=film.element_handle())
    assert film.locator("output").inner_text().split(" / ")[0] == film.get_attribute("data-frames")
    assert "Converged" in film.locator(".kml-caption").first.inner_text()
    assert seen.errors == []
    assert seen.outside == []


def test_a_film_steps_by_buttons(visit):
    film = players(visit(1440).page).first
    film.get_by_role("button", name="One frame forward").click()
    assert counted(film)[0] == 2
    film.get_by_role("button", name="Last frame").click()
    assert len(set(counted(film))) == 1
    film.get_by_role("button", name="One frame back").click()
    frame, frames = counted(film)
    assert frame == frames - 1
    film.get_by_role("button", name="First frame").click()
    assert counted(film)[0] == 1


def test_a_film_steps_by_keys_and_leaves_the_others_alone(visit):
    page = visit(1440).page
    film, other = players(page).nth(0), players(page).nth(1)
    film.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert counted(film)[0] == 2
    page.keyboard.press("End")
    assert len(set(counted(film))) == 1
    page.keyboard.press("Home")
    assert counted(film)[0] == 1
    assert counted(other)[0] == 1


def test_a_film_is_drawn(visit):
    page = visit(1440).page
    film = players(page.locator("#films")).first
    film.scroll_into_view_if_needed()
    drawn = """film => [...film.querySelectorAll("canvas")].map(canvas => {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return new Set(new Uint32Array(pixels.buffer)).size;
    })"""
    assert min(film.evaluate(drawn)) > 10


def test_paper_shows_stills_and_hides_players(visit):
    page = visit(1440).page
    played = players(page.locator(".screen"))
    films = played.count()
    assert films == 3  # under the verdict, and one of each cell
    assert page.locator(".still img").first.is_hidden()
    page.emulate_media(media="print")
    stills = page.locator(".still img")
    assert stills.count() == films
    assert all(stills.nth(i).is_visible() for i in range(films))
    assert not any(played.nth(i).is_visible() for i in range(films))
    assert page.locator("nav").is_hidden()
    assert page.locator("dl").first.is_visible()


def test_links_of_the_contents_lead_to_their_sections(visit):
    page = visit(390).page
    for link in page.locator("nav a").all():
        assert page.locator(link.get_attribute("href")).count() == 1
