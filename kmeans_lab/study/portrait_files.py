"""Portraits as files, beside the films of their cell."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from ..choices import PORTRAITS
from ..errors import RunError
from ..pictures.figures import png, svg
from ..runner.progress import Progress
from ..spec import checks
from ..spec.plan import Cell
from .portraits import Choice, check, chosen, figure, film, still
from .renders import folder_of, has, labeled, saved

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .study import Study

STILL, MOVING = PORTRAITS[:2], PORTRAITS[2:]
# How a portrait's file is called, as Choice.stem has it.
NAME = re.compile(r"portrait-([^-]+)-(\d+)(?:-(\d+))?(?:-(\d+)x\d+)?(?:-(\d+)-frames)?")


def render(
    study: "Study",
    choice: Choice,
    kinds: Sequence[str],
    label: str | None = None,
    progress: Progress | None = None,
) -> Iterator[Path]:
    """Make the files for every cell, or for the one of a label as iris/3/random; gives each path.

    A cell that has no start for the pick is passed over. Raises SpecError where that is so for
    all, and for a center that a cell has not.
    """
    for kind in kinds:
        checks.choice(PORTRAITS)(kind, "format")
    cells = study.cells if label is None else (labeled(study, label),)
    for cell in cells:
        check(study, cell, choice, film=any(kind in MOVING for kind in kinds))
    for cell in [cell for cell in cells if has(study, cell, choice.pick)] or cells[:1]:
        study.found(choice.pick, cell)
        for write, path in _files(study, cell, choice, kinds, progress):
            yield saved(study, write, path)


def kinds_of(formats: Sequence[str] | None, film: bool) -> tuple[str, ...]:
    """The kinds of files that are meant: a picture by default, and where `film`, a film as well.

    >>> kinds_of(None, False), kinds_of(None, True), kinds_of(("svg", "mp4"), True)
    (('png',), ('png', 'gif'), ('svg', 'mp4'))
    """
    kinds = tuple(formats or ("png",))
    return kinds if not film or {*kinds} & {*MOVING} else (*kinds, "gif")


def remake(study: "Study", path: Path) -> None:
    """Make one file again, from its place. Raises RunError where that tells of no portrait."""
    cells = [cell for cell in study.cells if folder_of(study, cell) == path.parent]
    found = NAME.fullmatch(path.stem)
    if not cells or not found:
        raise RunError(f"{path} is no portrait of a cell of {study.folder}; remove it")
    numbers = [None if part is None else int(part) for part in found.groups()[1:]]
    given = dict(zip(Choice._fields[1:], numbers, strict=True))
    choice = chosen(pick=found[1], **given)
    list(render(study, choice, [path.suffix[1:]], cells[0].label))


def _files(
    study: "Study", cell: Cell, choice: Choice, kinds: Sequence[str], progress: Progress | None
) -> Iterator[tuple[Callable[[Path], object], Path]]:
    """How each file of a cell is written, and where."""
    folder, one = folder_of(study, cell), still(study, cell, choice)
    if any(kind in STILL for kind in kinds):
        picture = figure(study, cell, one, progress)
        for kind in (kind for kind in kinds if kind in STILL):
            yield partial(_write, picture), folder / f"{one.stem}.{kind}"
    if any(kind in MOVING for kind in kinds):
        made = film(study, cell, choice, progress)
        for kind in (kind for kind in kinds if kind in MOVING):
            yield made.save, folder / f"{choice.stem}.{kind}"


def _write(picture: "Figure", path: Path) -> None:
    files.write(path, png(picture) if path.suffix == ".png" else svg(picture))
