"""The player's page: complete, safe against names, and its data are the scene's."""

import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from kmeans_lab.film import player
from kmeans_lab.film.animation import Film
from kmeans_lab.film.clock import durations
from kmeans_lab.pictures.plane import fitted
from kmeans_lab.pictures.reel import from_traces
from kmeans_lab.pictures.space import TILT
from starts import COLUMNS, trace_of

HOSTILE = "</script><img src=x onerror=alert(1)> <!-- & \" ' {{ 7*7 }} \u2028 ]]> $x$"


class Page(HTMLParser):
    """Tags, attributes, texts and JSON of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.data = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.in_data = tag == "script" and ("type", "application/json") in attributes

    def handle_data(self, text):
        if getattr(self, "in_data", False):
            self.data.append(json.loads(text))
            self.in_data = False
        else:
            self.texts.append(text)


def numbers(text, kind):
    return np.frombuffer(b64decode(text), kind)


def page_of(*traces, names=(), interval=900):
    return player.page(from_traces(traces, names), interval)


@pytest.fixture(scope="module")
def seven(iris2):
    return trace_of(iris2, 3, 7, columns=COLUMNS, max_iter=15)


def test_a_page_loads_nothing(seven):
    text = page_of(seven)
    loads = r"""(src|href)\s*=\s*(?!["']?data:,)|@import|url\(|https?:|fetch\("""
    assert not re.search(loads, text)
    assert text.lstrip().startswith("<!DOCTYPE html>")
    assert text.count("<style>") == 1
    assert text.count("<script>") == 1


def test_every_frame_is_in_the_page(seven):
    page = Page(page_of(seven))
    attributes = dict(page.attributes)
    assert (attributes["data-frames"], attributes["data-frame"]) == ("31", "1")
    (scene,) = page.data[0]["scenes"]
    assert scene["captions"] == [frame["description"] for frame in seven]
    assert len(scene["shots"]) == 31
    assert scene["captions"][-1].endswith("cut off here by max_iter, not converged")
    assert any("cut off after 15 steps" in text for text in page.texts)


def test_labels_and_centers_come_back_as_they_were(seven):
    (shown,) = Page(page_of(seven)).data[0]["scenes"]
    scene = from_traces([seven])[0]
    x_min, x_max, y_min, y_max = fitted(scene.extent, player.ASPECT)
    width = x_max - x_min
    row, rows = np.zeros(150, int), []
    for changes in shown["labels"]:
        places, labels = numbers(changes, "<u2").reshape(2, -1)
        row = row.copy()
        row[places] = labels
        rows.append(row - 1)
    centers = numbers(shown["centers"], "<f4").reshape(-1, 3, 2) * width + [x_min, y_min]
    for (label, center, _), frame in zip(shown["shots"], seven, strict=True):
        np.testing.assert_array_equal(rows[label], frame["labels"])
        np.testing.assert_allclose(centers[center], frame["centroids"], atol=1e-6)
    places = numbers(shown["points"], "<u2").reshape(-1, 2) / 65535
    np.testing.assert_allclose(
        places * [width, y_max - y_min] + [x_min, y_min], seven.X, atol=width / 65000
    )
    np.testing.assert_allclose(shown["scores"], seven.silhouette, atol=1e-4)


def test_names_are_text_and_nothing_else(iris2):
    trace = trace_of(iris2, 3, dataset=HOSTILE, columns=(HOSTILE, HOSTILE), max_iter=1)
    plain = trace_of(iris2, 3, dataset="iris", columns=COLUMNS, max_iter=1)
    hostile, usual = Page(page_of(trace, names=[HOSTILE])), Page(page_of(plain, names=["best"]))
    assert hostile.tags == usual.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in usual.attributes]
    assert HOSTILE in hostile.texts
    assert hostile.data[0]["scenes"][0]["x"]["name"].startswith(HOSTILE)


def test_data_hold_no_letter_that_means_something_in_html():
    text = player._safe({HOSTILE: HOSTILE})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {HOSTILE: HOSTILE}


def test_fragments_of_a_page_share_no_name(seven):
    one = player.fragment(from_traces([seven]), 900)
    assert not re.search(r'\s(id|for|aria-labelledby|name)="', one)
    assert "<style" not in one
    assert one.count("<script") == 1


def test_everything_that_can_be_operated_has_a_label(seven):
    text = player.fragment(from_traces([seven]), 900)
    operated = re.findall(r"<(?:button|input|select|canvas)[^>]*>", text)
    assert len(operated) == 5 + 1 + 1 + 3
    assert all('aria-label="' in tag for tag in operated)
    assert 'aria-live="polite"' in text
    assert 'tabindex="0"' in text


def test_starts_side_by_side_are_on_one_clock(iris2):
    traces = [trace_of(iris2, 3, 7), trace_of(iris2, 3, 128), trace_of(iris2, 2)]
    page = Page(page_of(*traces, names=["best", "median", "worst"], interval=250))
    assert dict(page.attributes)["data-frames"] == str(max(map(len, traces)))
    data = page.data[0]
    assert [len(scene["shots"]) for scene in data["scenes"]] == [*map(len, traces)]
    assert data["interval"] == 250
    assert {"best", "median", "worst"} <= {*page.texts}


@pytest.mark.parametrize("scale", [2.0**-300, 1.0, 2.0**300])
@pytest.mark.parametrize("offset", [0, 1e8])
def test_positions_do_not_depend_on_scale_or_offset(iris2, scale, offset):
    X = (np.round(iris2 * 10) + offset) * scale
    shown, plain = (
        Page(page_of(trace_of(points, 3, 7, mode="none"))).data[0]["scenes"][0]
        for points in (X, np.round(iris2 * 10))
    )
    for kind, name in (("<u2", "points"), ("<f4", "centers"), ("<f4", "offsets")):
        np.testing.assert_allclose(
            numbers(shown[name], kind), numbers(plain[name], kind), rtol=1e-3, atol=2e-3
        )


def test_offsets_of_other_features_are_told(rng):
    X = rng.normal(size=(80, 5))
    trace = trace_of(X, 4, max_iter=2)
    (shown,) = Page(page_of(trace)).data[0]["scenes"]
    scene = from_traces([trace])[0]
    x_min, x_max, _, _ = fitted(scene.extent, player.ASPECT)
    offsets = numbers(shown["offsets"], "<f4").reshape(-1, 4) * (x_max - x_min) ** 2
    wanted = scene.offsets - scene.offsets.min(axis=1, keepdims=True)
    np.testing.assert_allclose(offsets, wanted, rtol=1e-5, atol=1e-6)


def test_a_film_says_how_long_a_phase_lasts(seven):
    data = Page(page_of(seven)).data[0]
    assert data["interval"] == 900
    assert data["holds"] == [2250, 1080, 720, 3600]
    first, assign, update, last = data["holds"]
    phases = {"init": first, "assign": assign, "update": update}
    shown = [phases[frame["phase"]] for frame in seven]
    assert [*shown[:-1], last] == durations(from_traces([seven]), 900)


def test_inertia_and_the_best_are_sent_as_they_are(seven):
    (shown,) = Page(page_of(seven)).data[0]["scenes"]
    assert shown["inertia"] == seven.inertia.tolist()
    assert shown["best"] is None
    (shown,) = Page(page_of(replace(seven, gap=0.0))).data[0]["scenes"]
    assert shown["best"] == seven.outcome_inertia


def test_titles_are_sent_as_plain_lines(seven):
    film = Film([replace(seven, dataset=HOSTILE)])
    page = Page(film.html())
    (shown,) = page.data[0]["scenes"]
    assert shown["card"] == [f"{HOSTILE}, k = 3", "random · seed 7", "150 points, 2 features"]
    assert shown["verdict"] == ["Cut off after 15 steps", "inertia 37.26"]
    assert "img" not in page.tags


def test_three_features_are_sent_in_their_box(rng):
    X = rng.normal(size=(70, 3)) * [3, 2, 1.5] + 100
    trace = trace_of(X, 4, max_iter=3)
    page = Page(page_of(trace))
    (shown,) = page.data[0]["scenes"]
    assert not any("background" in (value or "") for _, value in page.attributes)
    scene = from_traces([trace])[0]
    space, sent = scene.space, shown["space"]
    places = (numbers(shown["points"], "<u2").reshape(-1, 3) / 32767.5 - 1) * sent["half"]
    np.testing.assert_allclose(places * space.unit + space.middle, X, atol=1e-3)
    centers = numbers(shown["centers"], "<f4").reshape(-1, 4, 3) * space.unit + space.middle
    for (_, row, _), frame in zip(shown["shots"], trace, strict=True):
        np.testing.assert_allclose(centers[row], frame["centroids"], rtol=1e-5)
    assert (sent["first"], sent["turn"], sent["tilt"]) == (scene.angle(0), scene.turn, TILT)
    assert sent["names"] == [*space.names]
    assert shown["x"]["ticks"] == shown["y"]["ticks"] == []


def test_of_two_features_no_space_is_sent(seven):
    assert Page(page_of(seven)).data[0]["scenes"][0]["space"] is None


def test_an_undefined_score_is_null_and_said(iris2):
    (shown,) = Page(page_of(trace_of(iris2, 1))).data[0]["scenes"]
    assert {*shown["scores"]} == {None}
    assert shown["unscored"] == "undefined"


@pytest.mark.parametrize(("k", "clusters"), [(1, 1), (8, 8), (12, 0)])
def test_the_legend_names_clusters_as_long_as_colors_tell_them(iris2, k, clusters):
    texts = [text.strip() for text in Page(page_of(trace_of(iris2, k, max_iter=1))).texts]
    assert sum(text.startswith("cluster ") for text in texts) == clusters
    assert any(f"one of {k} clusters" in text for text in texts) == (clusters == 0)


def test_a_page_stays_small(seven, rng):
    assert len(page_of(seven)) < 50_000
    X = rng.normal(size=(30_000, 2))
    large = trace_of(X, 20, mode="none", max_iter=30)
    assert len(page_of(large)) < 500_000
