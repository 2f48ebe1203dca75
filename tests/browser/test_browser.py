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


def test_names_are_shown_as_they_are(visit):
    page = visit(1440).page
    assert page.locator("main b").count() == 0
    assert page.get_by_text("iris <b>&amp; $x$").count() > 0
