"""Pictures from plain data: every Info is drawn, whatever is missing, and told in words."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import Patch
from matplotlib.text import Text

from kmeans_lab.pictures.alts import WORDS, alt
from kmeans_lab.pictures.figures import (
    DRAWERS,
    BasinsInfo,
    CostInfo,
    DataInfo,
    DoubtInfo,
    EcdfInfo,
    FateInfo,
    GalleryInfo,
    HistoriesInfo,
    IterationsInfo,
    OnsetInfo,
    PointsInfo,
    PortraitInfo,
    RanksInfo,
    RestartsInfo,
    ScatterInfo,
    StairsInfo,
    SweepInfo,
    WaysInfo,
    draw,
    notable,
    png,
    svg,
)
from kmeans_lab.pictures.palette import PALETTE, outline
from kmeans_lab.pictures.places import merged
from kmeans_lab.pictures.spots import CUT

NAN = float("nan")
HOSTILE = "_<b>&amp; $x$ 花\n|"
CORNERS = np.array([[0.0, 1.0], [2.0, 3.0]])
FULL = (
    DataInfo([[0.0, 1.0], [2.0, 3.0], [4.0, 3.0]], ("a (cm)", "b"), [0, 1, 1], ("x", HOSTILE)),
    EcdfInfo({"random": ([2.0, 3.0], [0.5, 1.0]), HOSTILE: ([2.5], [1.0])}, best=2.0),
    BasinsInfo([2.0, 3.0], {"random": [0.5, 0.25], HOSTILE: [0.0, 1.0]}),
    RestartsInfo(
        {"random": {1: 0.5, 2: 0.1}, HOSTILE: {1: 0.0, 2: 0.0}}, {"random": ([1], [0.4], [0.6])}
    ),
    IterationsInfo({"random": [3, 4, 4], HOSTILE: [2]}),
    SweepInfo([2, 3], {"random": [5.0, 2.0], HOSTILE: [5.0, NAN]}, "inertia"),
    ScatterInfo({"random": ([2.0, 2.0, 3.0], [0.5, 0.5, 0.4]), HOSTILE: ([2.0], [0.5])}),
    HistoriesInfo({"best": [0.1, 0.5], HOSTILE: [-0.2]}),
    CostInfo({"random": ([200.0, 90_000.0], [0.5, 1.0]), HOSTILE: ([400.0] * 2, [0.0, 1.0])}),
    FateInfo({"random": ([0.0, 0.5], [0.25, 1.0]), HOSTILE: ([1.0], [1.0])}),
    PointsInfo([[0.0, 1.0], [2.0, 3.0], [4.0, 3.0]], ("a (cm)", HOSTILE), [1.0, 0.5, 1.0]),
    DoubtInfo(
        [[0.0, 1.0], [2.0, 3.0], [4.0, 3.0]],
        ("a (cm)", HOSTILE),
        np.array([[0.0, 0.5], [0.25, 1.0]]),
        [0.0, 0.5, 1.0],
        optima=4,
        extent=(0.0, 4.0, 1.0, 3.0),
        centers=[[1.0, 2.0], [4.0, 3.0]],
        offsets=[0.0, 0.0],
    ),
    WaysInfo(
        [[1, 2], [2, 3]],
        [[4.0, 2.0], [2.0, 2.0]],
        [1, 1],
        [1, 1],
        [False, True],
        {1: 2.0},
        {1: 1.0},
        total=1,
        best=2.0,
        last=3,
        sealing={0.5: 2, 0.9: 2},
    ),
    PortraitInfo(
        np.array([[1, 2], [0, -2]], np.int32),
        np.array([[3, 4], [3, 9]], np.int32),
        np.array([[2.0, 3.0], [2.5, NAN]]),
        {"max_iter": 1},
        (0.0, 2.0, 1.0, 3.0),
        ("a (cm)", HOSTILE),
        False,
        *(CORNERS, CORNERS, (0,), CORNERS[0]),
        best=2.0,
        title=HOSTILE,
    ),
    GalleryInfo(
        [[0.0, 1.0], [2.0, 3.0], [4.0, 3.0]],
        ("a (cm)", "b"),
        [1, 3],
        [2.0, 4.0],
        [0.0, 1.0],
        [0.5, NAN],
        {"random": [0.5, 0.0], HOSTILE: [1.0, 0.0]},
        np.array([[0, 1, 1], [0, 0, 1]]),
        [0, 1, 1],
        np.array([[[0.0, 1.0], [3.0, 3.0]], [[1.0, 2.0], [4.0, 3.0]]]),
        others=7,
    ),
    StairsInfo(
        {"random": ([2.0, 3.0], [0.5, 1.0]), HOSTILE: ([3.0], [1.0])}, {1: 2.0, 2: 3.0}, best=2.0
    ),
    OnsetInfo({"random": ([9.0, 90.0], [2.0, 3.0]), HOSTILE: ([5.0], [3.0])}, 2.0, {"random": 1.0}),
    RanksInfo({"random": 2.5, HOSTILE: 1.5, "maximin": 2.0}, 0.8, [(HOSTILE, "maximin")]),
)
EMPTY = (
    DataInfo(np.empty((0, 2)), ("a", "b")),
    EcdfInfo({"random": ([], [])}, best=NAN),
    BasinsInfo([], {"random": []}),
    RestartsInfo({"random": {}}),
    IterationsInfo({"random": []}),
    SweepInfo([2], {"random": [NAN]}, "inertia"),
    ScatterInfo({"random": ([2.0], [NAN])}),
    HistoriesInfo({"best": [NAN]}),
    CostInfo({"random": ([], [])}),
    FateInfo({}),
    PointsInfo([[0.0, 1.0]], ("a", "b"), [NAN]),
    DoubtInfo([[0.0, 1.0]], ("a", "b"), np.empty((0, 0)), [0.0], 0),
    WaysInfo([], [], [], [], [], {}, {}, 0, NAN, 1),
    PortraitInfo(
        np.full((1, 1), -2, np.int32),
        np.ones((1, 1), np.int32),
        np.full((1, 1), NAN),
        {"cycle": 1},
        (0.0, 2.0, 1.0, 3.0),
        ("a", "b"),
        False,
        *(CORNERS[:1], CORNERS[:1], (0,), CORNERS[0]),
        best=NAN,
    ),
    GalleryInfo([[0.0, 1.0]], ("a", "b"), [], [], [], [], {}, np.empty((0, 1)), [], np.empty(0)),
    StairsInfo({"random": ([], [])}, {}, NAN),
    OnsetInfo({"random": ([NAN], [2.0])}, NAN),
    RanksInfo({"random": 1.0}, NAN),
)


def words(figure):
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize("info", FULL, ids=lambda info: type(info).__name__)
def test_every_info_is_drawn_with_hostile_names_shown_as_they_are(info):
    figure = draw(info)
    shown = r"_<b>&amp; \$x\$ 花 |".replace("花", "")
    if not isinstance(info, DataInfo | WaysInfo):  # these show no name
        assert any(shown[:14] in text.replace("花", "") for text in words(figure))
    assert png(figure, 50).startswith(b"\x89PNG")


@pytest.mark.parametrize("info", EMPTY, ids=lambda info: type(info).__name__)
def test_an_empty_info_says_so(info):
    assert any("no " in text for text in words(draw(info)))
    assert len(alt(info)) > 20 or isinstance(info, DataInfo)


def test_every_info_has_a_drawer_and_words():
    assert DRAWERS.keys() == WORDS.keys() == {type(info) for info in FULL}


@pytest.mark.parametrize("info", FULL, ids=lambda info: type(info).__name__)
def test_words_hold_numbers(info):
    assert any(letter.isdigit() for letter in alt(info))


def test_a_picture_is_the_same_bytes_each_time():
    assert svg(draw(FULL[1])) == svg(draw(FULL[1]))


def test_a_picture_shows_itself_in_a_notebook():
    assert draw(FULL[3])._repr_png_().startswith(b"\x89PNG")


def test_gaps_that_differ_much_stand_on_a_logarithmic_side():
    near = EcdfInfo({"a": ([100.0, 101.0, 103.0], [0.2, 0.6, 1.0])}, best=100.0)
    far = EcdfInfo({"a": ([100.0, 100.01, 150.0], [0.2, 0.6, 1.0])}, best=100.0)
    assert draw(near).axes[0].get_xscale() == "linear"
    assert draw(far).axes[0].get_xscale() == "symlog"
    assert "0.1\u00a0%" in words(draw(far))
    assert "above the best known, 100.0" in draw(far).axes[0].get_xlabel()


def test_a_best_of_zero_leaves_inertia_as_it_is():
    axes = draw(EcdfInfo({"a": ([0.0, 4.0], [0.5, 1.0])}, best=0.0)).axes[0]
    assert axes.get_xlabel() == "inertia"


def test_of_many_optima_the_best_and_the_largest_are_shown():
    shares = np.full(30, 0.01)
    shares[[17, 23]] = 0.2
    shown = notable(BasinsInfo(np.arange(30.0), {"a": shares}))
    assert len(shown) == 10
    assert {0, 17, 23} <= set(shown)
    assert "20 others" in words(draw(BasinsInfo(np.arange(30.0) + 1, {"a": shares})))


def test_the_bar_of_all_other_optima_does_not_dwarf_the_named_ones():
    rare = np.full(1000, 0.001)
    figure = draw(BasinsInfo(np.arange(1000.0) + 1, {"a": rare, "b": rare}))
    assert figure.axes[0].get_xlim() == (0, pytest.approx(CUT * 0.001))
    assert "99.0\u00a0% →" in words(figure)
    common = np.full(12, 1 / 12)
    figure = draw(BasinsInfo(np.arange(12.0) + 1, {"a": common}))
    assert "→" not in words(figure)
    assert figure.axes[0].get_xlim()[1] > 0.1


def test_data_of_one_feature_are_kept_apart_without_a_second_axis():
    axes = draw(DataInfo([[1.0], [1.0], [2.0]], ("x",))).axes[0]
    assert axes.get_xlabel() == "x"
    assert not list(axes.get_yticks())


def test_data_of_many_features_are_told_as_a_plane():
    info = DataInfo(np.arange(12.0).reshape(4, 3) ** 2, ("a", "b", "c"))
    assert "principal component 1" in draw(info).axes[0].get_xlabel()
    assert "principal plane" in alt(info)


@settings(max_examples=20)
@given(
    st.lists(st.floats(0.5, 1.0), min_size=1, max_size=6),
    st.integers(-290, 290),
    st.integers(1, 6),
)
def test_any_scale_is_drawn_without_a_warning(values, power, inits):
    values = np.sort(np.array(values) * 10.0**power)
    shares = np.linspace(1 / len(values), 1, len(values))
    names = [f"init {i}" for i in range(inits)]
    infos = (
        EcdfInfo(dict.fromkeys(names, (values, shares)), best=values[0]),
        ScatterInfo(dict.fromkeys(names, (values, shares))),
        StairsInfo(dict.fromkeys(names, (values, shares)), {1: values[0]}, values[0]),
        OnsetInfo(dict.fromkeys(names, (values, values)), values[0]),
        SweepInfo(range(len(values)), dict.fromkeys(names, values), "inertia"),
        DataInfo(np.stack([values, values], axis=1)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for info in infos:
            draw(info).draw_without_rendering()


PARTLY = (
    EcdfInfo({"none": ([], []), "some": ([2.0, 3.0], [0.5, 1.0])}),
    BasinsInfo([2.0, 3.0], {"none": [0.0, NAN], "some": [0.5, 0.5]}),
    RestartsInfo({"none": {}, "some": {1: 0.5}}),
    IterationsInfo({"none": [], "some": [3]}),
    SweepInfo([2, 3], {"none": [NAN, NAN], "some": [1.0, 2.0]}, "inertia"),
    ScatterInfo({"none": ([2.0], [NAN]), "some": ([2.0], [0.5])}),
    HistoriesInfo({"none": [NAN], "some": [0.5, NAN]}),
    CostInfo({"none": ([], []), "some": ([200.0], [1.0])}),
    FateInfo({"none": ([], []), "some": ([0.0], [1.0])}),
    StairsInfo({"none": ([], []), "some": ([2.0], [1.0])}, {1: 2.0}, 2.0),
    OnsetInfo({"none": ([NAN], [2.0]), "some": ([4.0], [2.0])}, 2.0),
)


@pytest.mark.parametrize("info", PARTLY, ids=lambda info: type(info).__name__)
def test_an_init_without_a_curve_is_not_in_the_legend_and_leaves_the_others_their_looks(info):
    (legend,) = draw(info).legends
    assert [text.get_text() for text in legend.get_texts()] == ["some"]
    (handle,) = legend.legend_handles
    second = to_hex(handle.get_facecolor() if isinstance(handle, Patch) else handle.get_color())
    assert second.upper() in (PALETTE[1], outline(PALETTE[1]))


def test_restarts_that_suffice_are_marked_in_the_color_of_their_init():
    gaps = {"none": {}, "few": {1: 0.5, 2: 0.1}, "many": {1: 0.5, 2: 0.2}, "lost": {1: 0.5}}
    info = RestartsInfo(gaps, needed={"few": 7.0, "many": 150.0, "lost": 1e9})
    axes = draw(info).axes[0]
    dotted = [
        line for line in axes.lines if len(set(line.get_xdata())) == 1 < len(line.get_xdata())
    ]
    marked = {line.get_xdata()[0]: line.get_color() for line in dotted}
    assert marked == {7.0: PALETTE[1], 150.0: PALETTE[2]}
    assert {"7", "150"} <= set(words(draw(info)))
    assert axes.get_xlim()[1] > 150
    assert "few 7, many 150" in alt(info)


def test_the_widest_step_of_an_optimum_bears_its_number():
    series = {"a": ([2.0, 3.0, 4.0], [0.1, 0.99, 1.0]), "b": ([2.0, 2.5], [0.6, 1.0])}
    axes = draw(StairsInfo(series, {1: 2.0, 2: 3.0, 3: 4.0}, best=2.0)).axes[0]
    placed = {text.get_text(): text.get_position()[0] for text in axes.texts}
    assert placed == pytest.approx({"1": 0.3, "2": 0.545})


def test_a_legend_tells_whether_both_measures_choose_the_same_start():
    series = {"a": ([2.0, 3.0], [0.5, 0.6]), "b": ([2.0, 3.0], [0.5, 0.4])}
    info = ScatterInfo(series, {"a": 1.0, "b": -1.0}, {"a": False, "b": True})
    told = [text.get_text() for text in draw(info).legends[0].get_texts()]
    assert told == ["a: rank correlation 1, another best", "b: rank correlation −1, the same best"]
    assert "−1, the same start is best by silhouette" in alt(info)


def test_of_many_inits_a_legend_tells_the_correlation_alone():
    series = {f"init {i}": ([2.0, 3.0], [0.5, 0.6]) for i in range(5)}
    ranks, same = {"init 0": 1.0, "init 1": -0.5}, {"init 1": True}
    for info in (ScatterInfo(series, ranks, same), OnsetInfo(series, 2.0, ranks)):
        told = [text.get_text() for text in draw(info).legends[0].get_texts()]
        assert told == ["init 0: 1", "init 1: −0.500", "init 2", "init 3", "init 4"]


def test_starts_that_lie_as_good_as_on_each_other_make_one_mark(rng):
    which, counts = merged(np.array([[0.0, 1.0, 0.001, 1.0], [5.0, 6.0, 5.0, 5.0]]))
    assert dict(zip(which.tolist(), counts.tolist(), strict=True)) == {0: 2, 3: 1, 1: 1}
    many = rng.normal(size=(2, 100_000))
    for info in (ScatterInfo({"a": many}), OnsetInfo({"a": np.exp(many)}, 0.0)):
        (marks,) = draw(info).axes[0].collections
        assert len(marks.get_offsets()) < 4000
        assert len(png(draw(info))) < 150_000


MANY = RanksInfo({f"{i:2}-greedy-k-means++": 1.0 + i for i in range(15)}, 5.0)


FEW_STARTS = next(info for info in FULL if isinstance(info, DoubtInfo))._replace(left_out=0.6312)
ONE_FEATURE = FEW_STARTS._replace(
    X=[[0.0], [2.0], [3.0]], columns=("花",), places=np.array([[0.0, 0.5]])
)


@pytest.mark.parametrize(
    "info", [*FULL, MANY, FEW_STARTS, ONE_FEATURE], ids=lambda info: type(info).__name__
)
def test_no_word_is_cut_off(info):
    figure = draw(info)
    figure.draw_without_rendering()
    for text in figure.findobj(Text):
        box = text.get_window_extent()
        if text.get_text() and text.get_visible() and box.width:
            assert box.x0 > -2, text.get_text()
            assert box.y0 > -2, text.get_text()
            assert box.x1 < figure.bbox.x1 + 2, text.get_text()
            assert box.y1 < figure.bbox.y1 + 2, text.get_text()
