"""What every picture shares: a figure without pyplot, one style, text shown literally."""

from functools import cache
from io import BytesIO
from math import prod, sqrt
from typing import Any
from unicodedata import category

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from .palette import INK, LINE, PAPER, SOFT

# Tried in order for each letter; those that are not installed are passed over.
FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans SC",
    "Noto Sans JP",
    "Noto Sans KR",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "IPAexGothic",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Nirmala UI",
    "Segoe UI",
    "Arial Unicode MS",
    "Noto Sans Symbols 2",
    "Noto Emoji",
    "Segoe UI Emoji",
    "Symbola",
)
SMALL, NORMAL, LARGE = 9.0, 10.5, 12.0  # points
PIXELS = 1e6  # of a PNG


class Picture(Figure):
    """A figure that shows itself in a notebook, without pyplot."""

    def _repr_png_(self) -> bytes:
        return png(self, 100)


def blank(width: float, height: float, dpi: float = 100, layout: Any = None) -> Figure:
    """An empty figure of `width` by `height` inches, drawn by Agg, unknown to pyplot."""
    figure = Picture((width, height), dpi=dpi, facecolor=PAPER, edgecolor=PAPER, layout=layout)
    FigureCanvasAgg(figure)
    return figure


def style(ax: Axes, xlabel: str = "", ylabel: str = "", grid: str = "") -> None:
    """The house look of one Axes; `grid` is x, y, both or empty."""
    ax.set_facecolor(PAPER)
    ax.set_axisbelow(True)
    ax.grid(False)
    if grid:
        ax.grid(True, axis=grid, color=LINE, linewidth=0.7, linestyle="-")  # type: ignore[arg-type]
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(SOFT)
        spine.set_linewidth(0.8)
    ax.tick_params(colors=SOFT, labelcolor=INK, labelsize=SMALL, width=0.8, length=3.5)
    ax.set_xlabel(literal(xlabel), color=INK, fontsize=NORMAL)
    ax.set_ylabel(literal(ylabel), color=INK, fontsize=NORMAL)
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_offset_text().set(color=INK, fontsize=SMALL)


def literal(text: str) -> str:
    """Text that matplotlib shows as it is: no formula, no line break, no missing glyph.

    A letter that no font here has is shown as an empty square.

    >>> literal("a$b$")
    'a\\\\$b\\\\$'
    """
    return "".join(map(_letter, text)).replace("$", r"\$")


def _letter(letter: str) -> str:
    if category(letter) in ("Cc", "Cf", "Zl", "Zp"):
        return " "
    if ord(letter) in _glyphs():
        return letter
    _lacking.add(letter)
    return "□"


_lacking: set[str] = set()


def lacking() -> str:
    """The letters shown as squares so far, or since this was asked last."""
    letters = "".join(sorted(_lacking))
    _lacking.clear()
    return letters


@cache
def fonts() -> tuple[str, ...]:
    """Those of FONTS that are installed."""
    known = set(font_manager.get_font_names())
    return tuple(name for name in FONTS if name in known)


@cache
def _glyphs() -> frozenset[int]:
    paths = [font_manager.findfont(name) for name in fonts()]
    return frozenset(code for path in paths for code in font_manager.get_font(path).get_charmap())


def dress(figure: Figure) -> Figure:
    """Give every text of a figure all fonts that `literal` counts on."""
    for text in figure.findobj(Text):
        text.set_fontfamily(list(fonts()))
    return figure


def shortened(text: str, room: float, size: float, lines: int = 1) -> str:
    """`text` in lines of `room` pixels (at 100 dpi) in a font of `size` points, cut by "…".

    Breaks stand at spaces where possible. A letter of DejaVu Sans takes 0.62 of its size on
    average, one of the CJK ranges 1.
    """
    limit = room / (size * 100 / 72)
    rows, words = [""], text.split(" ")
    for word in words:
        longer = f"{rows[-1]} {word}".strip()
        if _width(longer) <= limit:
            rows[-1] = longer
        else:
            rows.append(word)
    rows = [row for row in rows if row] or [""]
    kept = rows[:lines]
    if len(rows) > lines:
        kept[-1] = " ".join(rows[lines - 1 :])
    return "\n".join(_cut(row, limit) for row in kept)


def literal_lines(text: str, room: float, size: float, lines: int) -> str:
    """`text` in lines of `room` pixels, shown as it is."""
    clean = literal(text)  # line breaks become spaces before new ones are set
    return shortened(clean, room, size, lines)


def _cut(row: str, limit: float) -> str:
    if _width(row) <= limit:
        return row
    while row and _width(row + "…") > limit:
        row = row[:-1]
    return row.rstrip() + "…"


def _width(text: str) -> float:
    return sum(1.05 if ord(letter) > 0x2E7F else 0.62 for letter in text)


def png(figure: Figure, dpi: float = 200) -> bytes:
    """The figure as a PNG file of 256 colors and a million pixels at most; always the same bytes.

    So few colors make it a third the size.
    """
    buffer, small = BytesIO(), BytesIO()
    dpi = min(dpi, sqrt(PIXELS / prod(figure.get_size_inches().tolist())))
    quick = {"compress_level": 1}  # it is read back at once
    dress(figure).savefig(buffer, format="png", dpi=dpi, pil_kwargs=quick)
    pixels = Image.open(buffer).convert("RGB")
    some = pixels.resize((pixels.width // 3, pixels.height // 3), Image.Resampling.NEAREST)
    pixels = pixels.quantize(palette=some.quantize(256), dither=Image.Dither.NONE)
    colors = np.array(pixels.getpalette(), dtype=np.uint8).reshape(-1, 3)
    paper = np.asarray(pixels)[0, 0]
    colors[paper] = 255  # it was averaged with its likes
    pixels.putpalette(colors.tobytes())
    pixels.save(small, format="png", optimize=True, dpi=(dpi, dpi))
    return small.getvalue()


def svg(figure: Figure) -> bytes:
    """The figure as an SVG file, letters as outlines; the same bytes each time."""
    buffer = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "kmeans_lab", "svg.fonttype": "path"}):
        dress(figure).savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
