"""The basin portraits of the best and of the worst start, side by side."""

import shlex
from typing import TYPE_CHECKING

from ..errors import RunError
from ..kernels.crowd import are_many
from ..pictures.alts import alt
from ..pictures.figures import SIZE, draw, png
from ..spec.plan import Cell
from ..study import views
from ..study.portraits import Choice, info
from .page import Panel, Pictures, Prose, Section, Span, slug
from .pictures import stem

if TYPE_CHECKING:
    from ..study.study import Study

SHOWN = ("best", "worst")
WORK = 2e10  # products that each may take: a second or so
WHAT = (
    "A start of k-means for every place of the picture: one of its first centers is put there, the "
    "others stay where this start had them, and the color tells in which optimum it ends. So the "
    "picture shows how far the first center of this start could be moved, and nothing would change."
)


def portraits(study: "Study") -> Section | None:
    """The portraits of one cell; None where no cell has one."""
    cell = shown_cell(study)
    if cell is None:
        return None
    try:
        if are_many(*study.dataset(cell.dataset).X.shape):
            raise RunError("its points are too many, and each place of a picture is a start")
        pictures: Pictures | Prose = _pictures(study, cell)
    except RunError as error:
        pictures = Prose((f"{cell.label} cannot be shown: {error}.",), "warning")
    return Section("portrait", "Where one center decides", (Prose((WHAT,)), pictures, _more(study)))


def _more(study: "Study") -> Prose:
    command = f"kmeans-lab portrait {shlex.quote(f'results/{study.spec.name}')} --film"
    code = 'study.portrait("worst", center=2, dataset=…, k=…, init=…)'
    words = "Of any other start and center: ", Span(code, "code"), "; as files and as a film: "
    return Prose((*words, Span(command, "code")), "aside")


def shown_cell(study: "Study") -> Cell | None:
    """The first cell with several optima, of random starts where there are any; None for none."""
    known = [cell for cell in study.cells if cell.k > 1 and study.chosen("best", cell) is not None]
    return min(known, key=lambda cell: _rank(study, cell), default=None)


def _rank(study: "Study", cell: Cell) -> tuple[bool, bool, bool]:
    several = len(views.optima_of(study, cell)) > 1
    return not several, cell.init != "random", cell.deterministic


def _pictures(study: "Study", cell: Cell) -> Pictures:
    runs = {study.chosen(pick, cell): pick for pick in reversed(SHOWN)}
    panels = tuple(_panel(study, cell, pick) for pick in reversed(runs.values()))
    among = f", of {len(study.cells)} cells" if len(study.cells) > 1 else ""
    text = f"A start of {cell.label}{among}: its center 1 is put everywhere."
    return Pictures((text,), panels)


def _panel(study: "Study", cell: Cell, pick: str) -> Panel:
    shown = info(study, cell, Choice(pick), work=WORK)
    figure = draw(shown, SIZE)
    width, height = (round(100 * side) for side in figure.get_size_inches())
    file = slug("portrait", pick, stem(study, cell), "k", cell.k, "cell", cell.index + 1) + ".png"
    return Panel(file, alt(shown), png(figure), width, height, f"{pick} start", lit=True)
