"""Animations and films: the notebook's look, every frame in every format, whole files or none."""

import errno
import gc
import html
import os
import re
import subprocess
import tracemalloc
import warnings
from dataclasses import replace

import imageio_ffmpeg
import matplotlib
import numpy as np
import pytest
from matplotlib.animation import Animation
from matplotlib.colors import to_hex
from PIL import Image

import kmeans_lab as kl
import naive
from kmeans_lab.choices import FORMATS as NAMES
from kmeans_lab.errors import DataError, SpecError
from kmeans_lab.film.animation import FORMATS, Film, make_animation, player_assets
from kmeans_lab.film.banner import CORNERS, covered
from kmeans_lab.film.panels import CELLS
from kmeans_lab.film.raster import Raster
from kmeans_lab.film.stage import Stage
from kmeans_lab.pictures.palette import ALPHA, PALETTE, PAPER, UNASSIGNED, mixed, outline
from kmeans_lab.pictures.reel import from_traces
from kmeans_lab.wording import number
from starts import COLUMNS, trace_of


@pytest.fixture(scope="module")
def seven(iris2):
    """The notebook's start: 31 frames, cut off."""
    return trace_of(iris2, 3, 7, columns=COLUMNS, max_iter=15)


def gif_frames(path):
    """The frames of a GIF as RGB, how long each is shown, and its loop count."""
    with Image.open(path) as image:
        frames, durations = [], []
        for i in range(image.n_frames):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB")))
            durations.append(image.info["duration"])
        return frames, durations, image.info.get("loop")


def mp4_frames(path, shape):
    """The frames of a video as RGB, decoded at the rate it tells."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
    raw = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True
    )
    return np.frombuffer(raw.stdout, np.uint8).reshape(-1, *shape)


def stage_of(*traces, **about):
    return Stage(from_traces(traces, **about))


# The notebook's call


def test_the_notebook_s_cells_run(iris2):
    frames = kl.run_kmeans(iris2, 3, np.random.default_rng(7), max_iter=15)
    animation = kl.make_animation(iris2, frames, K=3, interval_ms=900)
    assert isinstance(animation, Animation)
    text = animation.to_jshtml()
    assert text.count("data:image/png;base64") == len(frames) == 31
    assert not re.search(r'(src|href)="https?:', text)


def test_matplotlib_s_limit_drops_no_frame(iris2, tmp_path):
    animation = make_animation(iris2, list(trace_of(iris2, 3, 7, max_iter=2)), 3)
    with matplotlib.rc_context({"animation.embed_limit": 0.001}):
        assert animation.to_jshtml().count("data:image/png;base64") == 5
        assert "<video" in animation.to_html5_video()
    animation.save(tmp_path / "a.gif")
    assert len(gif_frames(tmp_path / "a.gif")[0]) == 5
    animation.save(tmp_path / "a.mp4")
    assert imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "a.mp4"))[0] == 5


def test_equal_frames_are_kept(iris2, tmp_path):
    frame = trace_of(iris2, 3, 7)[1]
    make_animation(iris2, [frame] * 4, 3).save(tmp_path / "a.gif")
    assert len(gif_frames(tmp_path / "a.gif")[0]) == 4


def test_an_animation_nobody_looks_at_is_no_warning(iris2):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make_animation(iris2, trace_of(iris2, 3, max_iter=1), 3)
        gc.collect()
    assert not caught


def test_what_does_not_fit_is_refused(iris2, seven):
    with pytest.raises(DataError, match="centroids"):
        make_animation(iris2, seven, 4)
    with pytest.raises(DataError, match="none"):
        make_animation(iris2, [], 3)
    for interval in (0, -5, np.nan, "900", True):
        with pytest.raises(SpecError, match=r"interval_ms is .* allowed: 20 to 60000"):
            make_animation(iris2, seven, 3, interval_ms=interval)
    with pytest.raises(SpecError, match="interval_ms is '900';"):
        make_animation(iris2, seven, 3, interval_ms="900")


@pytest.mark.parametrize("interval", [900, 899.7, np.int64(900), np.float32(900)])
def test_any_number_is_an_interval(iris2, seven, interval):
    animation = make_animation(iris2, seven, 3, interval_ms=interval)
    assert animation.event_source.interval == 900


# The look


@pytest.mark.parametrize("i", [0, 1, 12, 30])
def test_the_background_is_a_grid_of_nearest_centers(seven, i):
    # The notebook's np.c_[*np.meshgrid(gx, gy)] was (300, 600), so nothing was drawn.
    stage = stage_of(seven)
    stage.show(i)
    ground = stage.planes[0].ground
    x_min, x_max, y_min, y_max = ground.get_extent()
    dx, dy = (x_max - x_min) / 600, (y_max - y_min) / 600
    middles = (x_min + dx, x_max - dx, y_min + dy, y_max - dy)
    assert ground.get_array().shape == (300, 300) == CELLS
    np.testing.assert_array_equal(
        ground.get_array(), naive.label_grid(seven[i]["centroids"], middles, CELLS)
    )
    assert ground.get_alpha() == ALPHA == 0.18


def test_no_distance_of_every_cell_to_every_center_is_kept(rng):
    trace = trace_of(rng.normal(size=(200, 2)), 100, mode="none", max_iter=1)
    stage = stage_of(trace)
    stage.show(1)
    tracemalloc.start()
    stage.show(2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300 * 300 * 100 * 8 / 10


def test_points_are_gray_until_they_are_assigned_and_colored_after(seven):
    stage = stage_of(seven)
    gray, *colored = stage.planes[0].dots
    assert to_hex(gray.get_color()).upper() == UNASSIGNED == "#BBBBBB"
    assert len(gray.get_xdata()) == 150
    stage.show(30)
    assert len(gray.get_xdata()) == 0
    for c, dots in enumerate(colored):
        assert to_hex(dots.get_color()).upper() == PALETTE[c]
        np.testing.assert_array_equal(
            np.array(dots.get_data()).T, seven.X[seven[-1]["labels"] == c]
        )


def test_centers_are_diamonds_with_black_edges(seven):
    stage = stage_of(seven)
    for i in (0, 30):
        stage.show(i)
        for diamond, center in zip(stage.planes[0].diamonds, seven[i]["centroids"], strict=True):
            assert diamond.get_marker() == "D"
            assert to_hex(diamond.get_markeredgecolor()) == "#000000"
            np.testing.assert_array_equal(np.array(diamond.get_data()).ravel(), center)


def test_captions_and_the_title_are_shown(seven):
    stage = stage_of(replace(seven, gap=0.012))
    for i, frame in enumerate(seven):
        stage.show(i)
        assert stage.captions[0].heading.get_text() == frame["description"]
        assert stage.counter.text.get_text() == f"frame {i + 1} of 31"
    (title,) = [text for text in stage.figure.texts if "seed 7" in text.get_text()]
    assert "gap 1.2 %" in title.get_text()
    assert title.get_text().endswith("cut off after 15 steps")
    (legend,) = stage.figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    looks = ["no cluster yet", "cluster 1", "cluster 2", "cluster 3", "center", "changed cluster"]
    assert names == looks


def test_the_silhouette_panel_reveals_one_score_an_assign(seven):
    stage = stage_of(seven)
    panel = stage.scores[0]
    plane, scores, _ = (ax.get_position() for ax in stage.figure.axes)
    assert plane.width / scores.width == pytest.approx(3)
    levels = [line.get_ydata()[0] for line in panel.ax.lines if line.get_linestyle() == "--"]
    assert levels == [0.5, 0.75]
    for i, known in enumerate([0, *np.repeat(np.arange(1, 16), 2)]):
        stage.show(i)
        np.testing.assert_array_equal(panel.line.get_ydata(), seven.silhouette[:known])
        current = [f"{score:.2f}" for score in seven.silhouette[:known]][-1:]
        assert panel.value.get_text() == "".join(current)
        np.testing.assert_array_equal(panel.dot.get_ydata(), seven.silhouette[:known][-1:])
    assert to_hex(panel.value.get_color()) == to_hex(panel.dot.get_color()) == "#c4161c"


def test_the_inertia_panel_reveals_one_value_a_step(seven):
    stage = stage_of(replace(seven, gap=0.5))
    panel = stage.inertia[0]
    for i, known in enumerate([0, *np.repeat(np.arange(1, 16), 2)]):
        stage.show(i)
        np.testing.assert_array_equal(panel.line.get_ydata(), seven.inertia[:known])
        current = [number(value) for value in seven.inertia[:known]][-1:]
        assert panel.value.get_text() == "".join(current)
    (best,) = [line.get_ydata()[0] for line in panel.ax.lines if line.get_linestyle() == "--"]
    assert best == pytest.approx(seven.outcome_inertia / 1.5)
    assert "best known" in [text.get_text() for text in panel.ax.texts]
    _, scores, inertia = (ax.get_position() for ax in stage.figure.axes)
    assert inertia.y1 < scores.y0  # below it, on the same steps
    assert (inertia.x0, inertia.x1) == pytest.approx((scores.x0, scores.x1))


def test_inertia_that_spans_much_is_by_decades(iris2):
    trace = trace_of(iris2, 3, 7, max_iter=3)
    stage = stage_of(replace(trace, inertia=np.array([1e9, 1e4, 2.0])))
    assert stage.inertia[0].ax.get_yscale() == "log"
    stage.show(6)
    assert stage_of(replace(trace, inertia=np.zeros(3))).inertia[0].ax.get_yscale() == "linear"


def test_points_that_change_sides_wear_a_ring_in_their_assign(seven):
    stage = stage_of(seven)
    for i in range(len(seven)):
        stage.show(i)
        for ring in stage.planes[0].rings:
            wanted = seven.X[stage.scenes[0].moved(i)]
            np.testing.assert_array_equal(np.array(ring.get_data()).T, wanted)
            assert ring.get_markerfacecolor() == "none"


def test_centers_leave_trails_in_their_color(seven):
    stage = stage_of(seven)
    stage.show(0)
    assert not any(trail.get_segments() for trail in stage.planes[0].trails)
    stage.show(30)
    ends, strengths, clusters = stage.scenes[0].trails(30)
    for trail in stage.planes[0].trails:
        np.testing.assert_array_equal(trail.get_segments(), ends)
        np.testing.assert_allclose(trail.get_colors()[:, 3], strengths)
    last = [to_hex(color) for color in trail.get_colors()]
    assert last == [outline(PALETTE[c]).lower() for c in clusters]


def test_card_and_verdict_are_drawn_on_two_frames_only(seven):
    film = Film([seven])
    stage = Stage(film.scenes)
    for i in range(31):
        stage.show(i)
        banner = stage.banners[0]
        lines = film.scenes[0].lines(i)
        assert banner.heading.get_visible() == banner.ground.get_visible() == bool(lines)
        if lines:
            assert [banner.heading.get_text(), banner.body.get_text()] == [
                lines[0],
                "\n".join(lines[1:]),
            ]
    assert lines == ("Cut off after 15 steps", "inertia 37.26")


def test_a_banner_that_would_hide_points_leaves_its_lines_out(seven):
    (free,) = Film([seven]).scenes
    edge = np.linspace(0, 1, 60)
    for reach, body in ((0.7, True), (0.05, False)):  # of the width, free on the left
        x = free.extent[0] + (free.extent[1] - free.extent[0]) * (reach + (1 - reach) * edge)
        y = free.extent[2] + (free.extent[3] - free.extent[2]) * edge
        places = np.array(np.meshgrid(x, y)).reshape(2, -1).T
        crowded = replace(
            free,
            points=places,
            labels=np.full((len(free.labels), len(places)), -1, np.int32),
            centers=np.repeat(places[-3:][None], len(free.centers), axis=0),
        )
        banner = Stage([crowded]).banners[0]
        assert bool(banner.body.get_text()) is body


@pytest.mark.parametrize("corner", CORNERS)
def test_what_a_text_in_a_corner_hides_is_counted(corner):
    left, top = corner
    here = [0.2 if left else 0.8, 0.7 if top else 0.3]
    assert covered(np.array([here, here]), corner, 0.25, 0.35) == 2
    for wide, high in ((0.15, 0.35), (0.25, 0.25)):
        assert covered(np.array([here]), corner, wide, high) == 0
    for other in {*CORNERS} - {corner}:
        assert covered(np.array([here]), other, 0.25, 0.35) == 0


def test_a_banner_in_space_hides_no_name_and_stays_where_it_is(rng):
    X = rng.normal(0, 1, (60, 3)) * [3, 1, 1]
    traces = [trace_of(X, 3, seed=seed) for seed in range(3)]
    film = Film(sorted(traces, key=len))
    stage = Stage(film.scenes)
    last = len(film.scenes[0].shots) - 1
    corners = set()
    for i in (0, *range(last, stage.frames)):
        stage.show(i)
        banner, names = stage.banners[0], stage.planes[0].names
        ground = banner.ground.get_window_extent()
        assert not any(ground.overlaps(name.get_window_extent()) for name in names)
        corners |= {banner.ground.get_xy()} if i else set()
    assert len(corners) == 1


def test_axes_names_are_whole_at_any_scale(iris2):
    trace = trace_of(iris2 * [1e3, -1e4], 3, max_iter=1)
    for traces in ([trace], [trace] * 3):
        stage = Stage(Film(traces).scenes)
        stage.figure.draw_without_rendering()
        boxes = [axis.get_tightbbox() for ax in stage.figure.axes for axis in (ax.xaxis, ax.yaxis)]
        assert len([*filter(None, boxes)]) >= 2 * len(traces)
        for box in filter(None, boxes):
            assert 0 <= box.x0 < box.x1 <= stage.figure.bbox.width
            assert 0 <= box.y0 < box.y1 <= stage.figure.bbox.height


def test_a_banner_stays_inside_whatever_it_says(iris2):
    long = "$a_b$ <i> \u202e " + "long name " * 20
    trace = trace_of(iris2, 3, dataset=long, max_iter=1)
    for scenes in (Film([trace]).scenes, Film([trace] * 3).scenes):
        stage = Stage(scenes)
        stage.figure.draw_without_rendering()
        banner, box = stage.banners[0], stage.planes[0].ax.bbox
        for artist in (banner.ground, banner.heading, banner.body):
            found = artist.get_window_extent()
            assert box.x0 - 1 <= found.x0
            assert found.x1 <= box.x1 + 1
            assert box.y0 - 1 <= found.y0
            assert found.y1 <= box.y1 + 1


def test_the_notebook_s_animation_claims_nothing(iris2):
    frames = kl.run_kmeans(iris2, 3, np.random.default_rng(7), max_iter=15)
    stage = make_animation(iris2, frames, 3).stage
    for i in (0, 30):
        stage.show(i)
        assert not stage.banners[0].heading.get_visible()


def test_three_features_are_drawn_as_they_are_seen(rng):
    trace = trace_of(rng.normal(size=(90, 3)), 4, max_iter=4)
    stage = stage_of(trace)
    plane, scene = stage.planes[0], stage.scenes[0]
    for i in (0, 3, 8):
        stage.show(i)
        drawn = np.asarray(plane.dots[0].get_offsets())
        order = scene.depths(i).argsort(kind="stable")
        np.testing.assert_array_equal(drawn, scene.places(i)[order])  # the nearest last
        assert (np.diff(plane.dots[0].get_sizes()) >= 0).all()
        for diamond, place in zip(plane.diamonds, scene.center_places(i), strict=True):
            np.testing.assert_array_equal(np.array(diamond.get_data()).ravel(), place)
        assert len(plane.edges.get_segments()) == 12
        assert [text.get_text().split("\n")[0] for text in plane.names] == [
            "feature 1",
            "feature 2",
            "feature 3",
        ]
        assert not plane.ground.get_visible()


def test_negative_scores_are_inside_the_axes(seven):
    scores = np.linspace(-0.8, 0.3, 15)
    stage = stage_of(replace(seven, silhouette=scores))
    stage.show(30)
    low, high = stage.scores[0].ax.get_ylim()
    assert low < -0.8
    assert high > 0.75
    stage.show(1)
    assert stage.scores[0].value.get_text() == "−0.80"


def test_an_undefined_score_is_a_gap_and_a_word(iris2):
    stage = stage_of(trace_of(iris2, 1))
    stage.show(3)
    assert stage.scores[0].value.get_text() == "undefined"
    assert np.isnan(stage.scores[0].line.get_ydata()).all()


def test_beyond_the_palette_centers_carry_numbers_and_points_another_marker(iris2):
    stage = stage_of(trace_of(iris2, 12, max_iter=1))
    plane = stage.planes[0]
    stage.show(1)
    assert [digit.get_text() for digit in plane.digits] == [str(c + 1) for c in range(12)]
    assert {dots.get_marker() for dots in plane.dots[1:9]} == {"o"}
    assert {dots.get_marker() for dots in plane.dots[9:]} == {"s"}
    assert sum(len(dots.get_xdata()) for dots in plane.dots) == 150
    assert stage_of(trace_of(iris2, 8, max_iter=1)).planes[0].digits == []


def test_names_and_columns_are_literal(iris2):
    name = "a$b$ <i>\n\u202e" + "long " * 99
    trace = trace_of(iris2, 3, dataset=name, columns=("$x$", "y_{"), max_iter=1)
    stage = stage_of(trace, names=["$"])
    stage.figure.draw_without_rendering()
    assert stage.planes[0].ax.get_xlabel() == r"\$x\$"


# Films


def every_kind(iris2, rng):
    """Starts of every awkward kind."""
    four = rng.normal(size=(60, 4))
    return {
        "k=1": trace_of(iris2, 1),
        "k=12": trace_of(iris2, 12, max_iter=1),
        "k=300": trace_of(rng.normal(size=(400, 2)), 300, max_iter=1),
        "k=n": trace_of(iris2[:4].copy(), 4),
        "one feature": trace_of(iris2[:, :1].copy(), 2, max_iter=2),
        "four features": trace_of(four, 5, max_iter=1),
        "constant": trace_of(np.full((9, 2), 3.0), 1),
        "far": trace_of(four[:, :2] * 1e-3 + 1e8, 2, max_iter=1),
        "huge": trace_of(four[:, :3] * 2.0**300, 2, max_iter=1),
        "tiny": trace_of(four[:, :2] * 2.0**-300, 2, max_iter=1),
        "cycle": trace_of(np.array([[0.0], [0.0], [1.0], [1.0]]), 3),
        "emptied": trace_of(np.array([[0.0], [0.0], [1.0]]), 2, seed=3, empty="fail"),
        "no scores": trace_of(iris2, 3, mode="none", max_iter=1),
    }


def test_every_kind_of_start_is_a_film_of_all_its_frames(iris2, rng, tmp_path):
    for kind, trace in every_kind(iris2, rng).items():
        film = Film([trace])
        frames, _, _ = gif_frames(film.save(tmp_path / "film.gif"))
        assert len(frames) == len(film) == len(trace), kind
        assert f'data-frames="{len(trace)}"' in film.html(), kind
        assert film.still().startswith(b"\x89PNG"), kind
        assert min(film.still_size) > 200, kind


def test_frames_are_shown_by_their_phase(iris2):
    short, long = trace_of(iris2, 3, 1, max_iter=1), trace_of(iris2, 3, 7, max_iter=3)
    assert Film([long]).durations == [2250, *[1080, 720] * 2, 1080, 3600]
    assert Film([short, long]).durations == Film([long]).durations
    assert min(Film([short], interval_ms=20).durations) == 20
    converged = Film([trace_of(iris2, 1)], interval_ms=100).durations
    assert converged == [250, 120, 80, 400][:2] + [80, 120, 80, 400][-len(converged) + 2 :]


def test_every_format_has_every_frame(seven, tmp_path):
    film = Film([seven])
    paths = {name: film.save(tmp_path / f"worst{name}") for name in FORMATS}
    assert 'data-frames="31"' in paths[".html"].read_text(encoding="utf-8")
    assert imageio_ffmpeg.count_frames_and_secs(str(paths[".mp4"]))[0] == 31
    frames, durations, loop = gif_frames(paths[".gif"])
    assert len(frames) == 31
    assert durations == film.durations == [2250, *[1080, 720] * 14, 1080, 3600]
    assert loop == 0
    with Image.open(paths[".png"]) as image:
        assert image.size == film.still_size
    assert {name.removeprefix(".") for name in FORMATS} == {*NAMES}


def test_frames_read_back_are_the_frames_promised(iris2, rng, tmp_path):
    space = trace_of(rng.normal(size=(60, 3)), 4, max_iter=4)
    traces = [trace_of(iris2, 3, seed, max_iter=m) for seed, m in ((1, 2), (7, 4), (5, 1))]
    for film in (Film([space]), Film(traces, ["best", "median", "worst"])):
        final = Raster(film.scenes).frame(len(film) - 1)[..., :3].astype(int)
        gif, durations, _ = gif_frames(film.save(tmp_path / "a.gif"))
        assert durations == film.durations
        mp4 = mp4_frames(film.save(tmp_path / "a.mp4"), final.shape)
        for frames, near in ((gif, 0.5), (mp4, 3)):
            assert len(frames) == len(film)
            assert np.abs(frames[-1].astype(int) - final).mean() < near
        assert f'data-frames="{len(film)}"' in film.html()


def test_the_last_frame_is_the_final_state(seven, tmp_path):
    film = Film([seven])
    frames, _, _ = gif_frames(film.save(tmp_path / "a.gif"))
    final = Raster(film.scenes).frame(30)[..., :3]
    assert (frames[-1] == final).all(axis=-1).mean() > 0.97
    assert np.abs(frames[-1].astype(int) - final).mean() < 0.2
    assert (frames[-2] != frames[-1]).any()
    plane = Stage(film.scenes).planes[0]
    x, y = np.round(plane.ax.transData.transform(seven[-1]["centroids"])).astype(int).T
    seen = frames[-1][len(final) - 1 - y, x]
    assert [to_hex(pixel / 255).upper() for pixel in seen] == [*PALETTE[:3]]


def test_the_pixels_of_the_background_are_its_tints(seven):
    raster = Raster(from_traces([seven]))
    plane, box = raster.stage.planes[0], raster.boxes[0]
    part = raster.frame(30)[box][::-1, :, :3]
    x_min, x_max, y_min, y_max = plane.extent
    rows, cols = part.shape[:2]
    dx, dy = (x_max - x_min) / cols / 2, (y_max - y_min) / rows / 2
    middles = (x_min + dx, x_max - dx, y_min + dy, y_max - dy)
    wanted = naive.label_grid(seven[30]["centroids"], middles, (rows, cols))
    tints = np.array([[*bytes.fromhex(mixed(c, PAPER, ALPHA)[1:])] for c in PALETTE[:3]])
    same = (part == tints[wanted]).all(axis=-1)
    assert same.mean() > 0.94  # the rest is under points and centers
    assert raster.size[0] % 2 == raster.size[1] % 2 == 0


@pytest.mark.parametrize("d", [2, 3])
def test_frames_do_not_depend_on_those_before(rng, d):
    trace = trace_of(rng.normal(size=(80, d)), 3, max_iter=15)
    scenes = Film([trace, trace_of(trace.X, 3, 5, max_iter=2)]).scenes
    raster = Raster(scenes)
    for i in (0, 7, len(raster) - 1):
        raster.frame(4)
        np.testing.assert_array_equal(raster.frame(i), Raster(scenes).frame(i))


def test_a_frame_is_the_same_whichever_was_before(seven):
    raster = Raster(from_traces([seven]))
    late = raster.frame(20).copy()
    raster.frame(0)
    np.testing.assert_array_equal(raster.frame(20), late)
    assert len([*raster]) == len(raster) == 31


def test_starts_side_by_side_hold_their_last_frame(iris2, tmp_path):
    short, long = trace_of(iris2, 3, 1, max_iter=1), trace_of(iris2, 3, 7, max_iter=3)
    film = Film([short, long, short], ["best", "median", "worst"])
    frames, _, _ = gif_frames(film.save(tmp_path / "a.gif"))
    assert len(frames) == len(film) == 7
    third = frames[0].shape[1] // 3
    np.testing.assert_array_equal(frames[3][:500, :third], frames[6][:500, :third])
    assert (frames[3][:500, third : 2 * third] != frames[6][:500, third : 2 * third]).any()


def test_matched_colors_reach_every_format(iris2):
    trace = trace_of(iris2, 3, 7, max_iter=1)
    film = Film([trace, trace], ["a", "b"], matches=[[0, 1, 2], [2, 1, 0]])
    assert '"numbers":[2,1,0]' in film.html()
    stage = Stage(film.scenes)
    colors = [[to_hex(d.get_color()).upper() for d in p.diamonds] for p in stage.planes]
    assert colors == [[*PALETTE[:3]], [*PALETTE[2::-1]]]


def test_what_cannot_be_a_film_is_refused(seven, tmp_path):
    with pytest.raises(SpecError, match="no start"):
        Film([])
    with pytest.raises(SpecError, match="2 names for 1 starts"):
        Film([seven], ["a", "b"])
    with pytest.raises(SpecError, match="2 matches for 1 starts"):
        Film([seven], matches=[[0, 1, 2]] * 2)
    with pytest.raises(SpecError, match="interval_ms is 5; allowed: 20"):
        Film([seven], interval_ms=5)
    with pytest.raises(SpecError, match=r"a\.avi: .* allowed: \.html, \.gif, \.mp4, \.png"):
        Film([seven]).save(tmp_path / "a.avi")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(iris2, tmp_path, monkeypatch, suffix):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    film, path = Film([trace_of(iris2, 3, max_iter=1)]), tmp_path / f"best{suffix}"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        film.save(path)
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_film_shows_itself_in_a_notebook(seven):
    film = Film([seven])
    text = film._repr_html_()
    assert text.startswith("<iframe ")
    (inner,) = re.findall(r'srcdoc="([^"]*)"', text)
    assert html.unescape(inner) == film.html()


def test_a_page_of_films_shares_style_and_script(seven):
    film = Film([seven])
    assert film.fragment() in film.html()
    assert player_assets() in film.html()


def test_the_still_is_told_in_words(seven):
    text = Film([seven], ["worst"]).alt
    assert "31 frames" in text
    assert "worst: iris, k = 3, random, seed 7" in text
    assert text.endswith("cut off here by max_iter, not converged, silhouette 0.44.")


def test_the_same_film_is_the_same_bytes(iris2):
    traces = [trace_of(iris2, 3, max_iter=1)] * 2
    one, other = Film(traces), Film(traces)
    assert all(make(one) == make(other) for make in FORMATS.values())
