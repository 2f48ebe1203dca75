"""Films of a study as files: a file for each pick and format, one more with all picks together."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from ..choices import FORMATS, PICKS
from ..errors import RunError, SpecError, suggest
from ..spec import checks
from ..spec.plan import Cell
from .picks import one_pick

if TYPE_CHECKING:
    from .study import Study

TOGETHER = "side-by-side"  # file name of the film of several picks


def render(
    study: "Study",
    wanted: str | Sequence[str] | None,
    cell: str | None,
    formats: str | Sequence[str] | None,
) -> Iterator[Path]:
    """Make the files, for every cell or the one of a label as iris/3/random; gives each path.

    A cell that has no start for a pick is passed over. Where that holds for all cells, one of
    `wanted` raises SpecError, or RunError where that start failed; a number in the spec is warned
    of.
    """
    asked = study.spec.render.pick if wanted is None else [one_pick(p) for p in _several(wanted)]
    kinds = study.spec.render.format if formats is None else _several(formats)
    for kind in kinds:
        checks.choice(FORMATS)(kind, "format")
    cells = study.cells if cell is None else (labeled(study, cell),)
    shown = {each: [pick for pick in asked if has(study, each, pick)] for each in cells}
    for pick in asked:
        if not any(pick in mine for mine in shown.values()):
            _miss(study, cells, pick, asked_for=wanted is not None)
    for each, mine in shown.items():
        yield from _render(study, each, mine, kinds)


def _several(given: str | Sequence[str]) -> Sequence[str]:
    return [given] if isinstance(given, str) else given


def has(study: "Study", cell: Cell, pick: str) -> bool:
    """Whether a cell has such a start, and that did not fail."""
    run, starts = study.chosen(pick, cell), study.starts(cell)
    return run in set(starts["run"][starts["status"] != "error"])


def _miss(study: "Study", cells: Sequence[Cell], pick: str, *, asked_for: bool) -> None:
    """Say why no cell shows a pick: there is no such start, or it failed."""
    cell = next((each for each in cells if study.chosen(pick, each) is not None), cells[0])
    try:
        study.trace_of(study.found(pick, cell))
    except (RunError, SpecError) as problem:
        if asked_for:
            raise
        if pick not in PICKS:
            warnings.warn(f"[render] pick {pick!r} is left out: {problem}", stacklevel=4)


def remake(study: "Study", path: Path) -> None:
    """Make one file again, from its place. Raises RunError where that tells of no start."""
    cells = [cell for cell in study.cells if folder_of(study, cell) == path.parent]
    if not cells:
        raise RunError(f"{path} belongs to no cell of {study.folder}; remove it")
    wanted = None if path.stem == TOGETHER else [path.stem]
    list(render(study, wanted, cells[0].label, [path.suffix[1:]]))


def labeled(study: "Study", label: str) -> Cell:
    """The cell of a label as iris/3/random. Raises SpecError for an unknown one."""
    known = {cell.label: cell for cell in study.cells}
    if label not in known:
        raise SpecError(f"unknown cell {label!r} in {study.folder}{suggest(label, known)}")
    return known[label]


def _render(
    study: "Study", cell: Cell, wanted: Sequence[str], kinds: Sequence[str]
) -> Iterator[Path]:
    films = {pick: [pick] for pick in wanted}
    if len(films) > 1:
        films[TOGETHER] = list(films)
    folder = folder_of(study, cell)
    for name, shown in films.items() if kinds else ():
        film = study.film(shown, cell)
        for kind in kinds:
            yield saved(study, film.save, folder / f"{name}.{kind}")


def saved(study: "Study", save: Callable[[Path], object], path: Path) -> Path:
    """Let a picture be written; a kill may leave its file unlisted, never wrongly listed."""
    with files.advised(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        study.store.checksums.remove([path.relative_to(study.folder).as_posix()])
        save(path)
    study.store.record(path)
    return path


def folder_of(study: "Study", cell: Cell) -> Path:
    """Where the files of a cell stand."""
    folder = study.folder / "renders"
    return folder if len(study.cells) == 1 else folder / f"{cell.dataset}-k{cell.k}-{cell.init}"
