"""Colors and markers of clusters, told apart by every kind of color vision and on any tint.

To 8 clusters a color is enough; beyond, colors repeat with another marker, and centers carry their
number. A point's outline is its color, darkened (on dark paper lightened) until it stands out from
every tint, so that light colors need not be given up.
"""

from functools import cache

# Okabe & Ito, Color universal design (2008), without its black, which is the outline of the
# centers here; the wine of Tol, Colour schemes (2021), stands in for it.
PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#882255",
)
MARKERS = ("o", "s", "^", "v", "P", "X", "p")  # matplotlib's names; diamonds are the centers
UNASSIGNED = "#BBBBBB"
PAPER, INK, SOFT, LINE = "#FFFFFF", "#1C1F23", "#565D66", "#DCDCD6"
DARK_PAPER = "#1C2024"
SCORE = "#C4161C"  # the current score
ALPHA = 0.18  # of a tint on white
DARK_ALPHA = 0.30
CONTRAST = 3.0  # of a mark and its ground: WCAG 2.2, 1.4.11


def colors(k: int) -> tuple[str, ...]:
    """Colors of clusters 0 … k−1.

    >>> colors(9)[8] == colors(1)[0]
    True
    """
    return tuple(PALETTE[c % len(PALETTE)] for c in range(k))


def markers(k: int) -> tuple[str, ...]:
    """Markers of clusters 0 … k−1, another one each time the colors repeat.

    >>> markers(9)[7:]
    ('o', 's')
    """
    return tuple(MARKERS[c // len(PALETTE) % len(MARKERS)] for c in range(k))


def mixed(color: str, ground: str, alpha: float) -> str:
    """`color` of opacity `alpha` on `ground`.

    >>> mixed("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    pairs = zip(_rgb(color), _rgb(ground), strict=True)
    return "#" + "".join(f"{round(alpha * c + (1 - alpha) * g):02X}" for c, g in pairs)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colors, 1 to 21 (WCAG 2.2, 1.4.3).

    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@cache
def outline(color: str, paper: str = PAPER, alpha: float = ALPHA) -> str:
    """The outline of a point of `color`, in contrast to the tint of every cluster on `paper`."""
    grounds = [paper, *(mixed(tint, paper, alpha) for tint in PALETTE)]
    ink = "#000000" if _luminance(paper) > 0.5 else "#FFFFFF"
    for strength in range(100):
        edge = mixed(ink, color, strength / 100)
        if min(contrast(edge, ground) for ground in grounds) >= CONTRAST:
            return edge
    return ink


def ink_on(color: str) -> str:
    """Black or white, whichever is read better on `color`.

    >>> ink_on("#F0E442"), ink_on("#882255")
    ('#000000', '#FFFFFF')
    """
    return max("#000000", "#FFFFFF", key=lambda ink: contrast(ink, color))


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (value / 255 for value in _rgb(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
