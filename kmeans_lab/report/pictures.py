"""Pictures of a study as panels of a page, one for each data set, pair or cell."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..pictures.alts import alt
from ..pictures.figures import draw, png, svg
from ..spec.plan import Cell
from ..study.views import FIGURES, Cells
from .findings import Pair, pairs_of
from .page import Panel, Pictures, Prose, Span, slug

if TYPE_CHECKING:
    from ..study.study import Study

MOST = 8  # panels of one kind in a page
HEAVY = 150_000  # bytes beyond which a picture is sent as pixels
PIXELED = ("gallery", "ways", "onset")  # pictures of many panels, lines or marks
DOTTED = ("data", "points", "doubt")  # pictures with a mark for each point


def by_pair(study: "Study", captions: Mapping[str, str]) -> list[Pictures | Prose]:
    """The pictures of some names, with their captions, for each data set and k."""
    shown = pairs_of(study)
    panels = {
        name: [
            panel(study, name, pair.cells, _title(pair, len(shown)), "k", pair.k)
            for pair in shown[:MOST]
        ]
        for name in captions
    }
    return _arranged(captions, panels, len(shown), "dataset=…, k=…")


def by_dataset(study: "Study", captions: Mapping[str, str]) -> list[Pictures | Prose]:
    """The pictures of some names, with their captions, for each data set."""
    labels = [data.label for data in study.spec.data]
    cells = [[cell for cell in study.cells if cell.dataset == label] for label in labels[:MOST]]
    titles = labels if len(labels) > 1 else [""]
    panels = {
        name: [panel(study, name, *both) for both in zip(cells, titles, strict=False)]
        for name in captions
    }
    return _arranged(captions, panels, len(labels), "dataset=…")


def _arranged(
    captions: Mapping[str, str], panels: Mapping[str, list[Panel]], count: int, choice: str
) -> list[Pictures | Prose]:
    """Pictures of one name together; where each has one picture, all beside each other."""
    if count == 1:
        return [Pictures((" ".join(captions.values()),), tuple(p for (p,) in panels.values()))]
    parts: list[Pictures | Prose] = []
    for name, caption in captions.items():
        parts += [Pictures((caption,), tuple(panels[name])), *_rest(name, count, choice)]
    return parts


def by_cell(
    study: "Study", name: str, caption: str, cells: Cells | None = None
) -> list[Pictures | Prose]:
    """The picture `name` for each cell, or for some."""
    cells = study.cells if cells is None else cells
    if not cells:
        return []
    several = len(pairs_of(study)) > 1
    panels = tuple(
        panel(study, name, [cell], cell.label if several else cell.init, "cell", cell.index + 1)
        for cell in cells[:MOST]
    )
    return [Pictures((caption,), panels), *_rest(name, len(cells), "dataset=…, k=…, init=…")]


def panel(study: "Study", name: str, cells: Cells, title: str = "", *more: object) -> Panel:
    """One picture, as lines where they are few, else as pixels."""
    info = FIGURES[name].info(study, cells)
    figure = draw(info)
    width, height = (round(100 * side) for side in figure.get_size_inches())
    image, kind = (svg(figure), "svg") if _light(study, name, cells) else (b"", "png")
    if not image or len(image) > HEAVY:
        image, kind = png(figure), "png"
    file = slug(name, stem(study, cells[0]), *more) + f".{kind}"
    return Panel(file, alt(info), image, width, height, title)


def _light(study: "Study", name: str, cells: Cells) -> bool:
    if name in PIXELED:
        return False
    return name not in DOTTED or len(study.dataset(cells[0].dataset).X) <= 1000


def stem(study: "Study", cell: Cell) -> str:
    """What a file calls a data set: its name, or its number where names would be the same file."""
    labels = [data.label for data in study.spec.data]
    slugs = [slug(label)[:60] for label in labels]
    mine = slugs[labels.index(cell.dataset)]
    return mine if mine and slugs.count(mine) == 1 else f"data-{labels.index(cell.dataset) + 1}"


def _title(pair: Pair, among: int) -> str:
    return f"{pair.dataset}, k = {pair.k}" if among > 1 else ""


def _rest(name: str, count: int, choice: str) -> list[Prose]:
    if count <= MOST:
        return []
    left = f"Not shown here: the other {count - MOST}. Each is "
    return [Prose((left, Span(f'study.figure("{name}", {choice})', "code"), "."), "aside")]
