"""The report's pictures: an Info holds plain data, a drawer puts it on Axes, `draw` makes a Figure.

Infos take what statistics.py gives. Values that are not finite are left out; where nothing is left
the picture says so.
"""

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .canvas import blank, png, svg
from .curves import (
    EcdfInfo,
    HistoriesInfo,
    IterationsInfo,
    RestartsInfo,
    SweepInfo,
    draw_ecdf,
    draw_histories,
    draw_iterations,
    draw_restarts,
    draw_sweep,
)
from .diagram import RanksInfo, draw_ranks
from .doubt import DoubtInfo, draw_doubt
from .evidence import CostInfo, FateInfo, PointsInfo, draw_cost, draw_fate, draw_points
from .gallery import GalleryInfo, draw_gallery
from .portrait import PortraitInfo
from .sheet import draw_portrait
from .spots import (
    ROWS,
    BasinsInfo,
    DataInfo,
    ScatterInfo,
    draw_basins,
    draw_data,
    draw_scatter,
    notable,
)
from .stairs import OnsetInfo, StairsInfo, draw_onset, draw_stairs
from .ways import WaysInfo, draw_ways

__all__ = [
    "ROWS",
    "BasinsInfo",
    "CostInfo",
    "DataInfo",
    "DoubtInfo",
    "EcdfInfo",
    "FateInfo",
    "GalleryInfo",
    "HistoriesInfo",
    "IterationsInfo",
    "OnsetInfo",
    "PointsInfo",
    "PortraitInfo",
    "RanksInfo",
    "RestartsInfo",
    "ScatterInfo",
    "StairsInfo",
    "SweepInfo",
    "WaysInfo",
    "draw",
    "notable",
    "png",
    "svg",
]

SIZE = (4.4, 3.2)  # inches; as wide as a phone, so that letters stay legible there


def draw(info: Any, size: tuple[float, float] = SIZE) -> Figure:
    """The figure of an Info, `size` in inches."""
    figure = blank(*size, layout="constrained")
    ax = figure.add_subplot()
    DRAWERS[type(info)](ax, info)
    return figure


DRAWERS: dict[type, Callable[[Axes, Any], None]] = {
    DataInfo: draw_data,
    EcdfInfo: draw_ecdf,
    BasinsInfo: draw_basins,
    RestartsInfo: draw_restarts,
    IterationsInfo: draw_iterations,
    SweepInfo: draw_sweep,
    ScatterInfo: draw_scatter,
    HistoriesInfo: draw_histories,
    RanksInfo: draw_ranks,
    CostInfo: draw_cost,
    FateInfo: draw_fate,
    PointsInfo: draw_points,
    DoubtInfo: draw_doubt,
    WaysInfo: draw_ways,
    PortraitInfo: draw_portrait,
    GalleryInfo: draw_gallery,
    StairsInfo: draw_stairs,
    OnsetInfo: draw_onset,
}
