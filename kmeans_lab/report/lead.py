"""What stands under the verdict in the page: where a center decides, and the worst start's film."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import RunError, SpecError
from ..spec.plan import Cell
from .page import Beside, Film, Panel, Pictures, Prose, Section, Span, slug
from .portraits import shown_cell

if TYPE_CHECKING:
    from ..study.study import Study

MORE = (
    "One of its first centers put everywhere: ",
    Span("what it shows", "link", "#portrait"),
    ".",
)
HEAVY = 1_000_000  # bytes beyond which a film has no place up there


def led(study: "Study", made: Sequence[Section]) -> tuple[Section, ...]:
    """The sections, with the portrait and the film of the worst start after the verdict's lead."""
    first, *others = made
    shown = tuple(_shown(study, made))
    tones = [part.tone if isinstance(part, Prose) else "" for part in first.parts]
    end = tones.count("lead")
    parts = (*first.parts[:end], *[Beside(shown)] * bool(shown), *first.parts[end:])
    return replace(first, parts=parts), *others


def _shown(study: "Study", made: Sequence[Section]) -> Iterator[Pictures | Film]:
    for part in (part for section in made if section.id == "portrait" for part in section.parts):
        if isinstance(part, Pictures):
            worst = replace(part.panels[-1], title="Where the worst start could have ended")
            yield Pictures(MORE, (worst,))
            break
    cell = shown_cell(study)
    if cell and _differ(study, cell) and (film := _film(study, cell)):
        yield film


def _differ(study: "Study", cell: Cell) -> bool:
    inertia = study.starts(cell)["inertia"]
    return bool(inertia.max() > inertia.min())


def _film(study: "Study", cell: Cell) -> Film | None:
    try:
        film = study.film(["worst"], cell)
    except (RunError, SpecError):
        return None  # the section of films says why
    html = film.fragment()
    if len(html) > HEAVY:
        return None
    name = slug("film", "worst", cell.index + 1) + ".png"
    still = Panel(name, film.alt, film.still(), *film.still_size)
    caption = (f"The worst start of {cell.label}. Every other start can be played below.",)
    return Film("The film of the worst start", caption, html, still)
