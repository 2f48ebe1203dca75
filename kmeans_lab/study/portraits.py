"""Portraits of a study's starts: which is meant, and what goes into it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ..choices import PICKS
from ..errors import SpecError
from ..pictures.figures import draw
from ..pictures.portrait import PortraitInfo
from ..portraits import film as films
from ..portraits.field import Field, field
from ..portraits.portrait import FINE, WORK, Known, portrait, resolution_for
from ..runner.compute import Settings, settings
from ..runner.progress import Progress, Silent
from ..spec import checks
from ..spec.plan import Cell
from . import traces, views
from .picks import one_pick

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .study import Study

LARGEST = 2000  # cells on each side
LONGEST = 240  # frames
SIZE = (6.2, 6.2)  # inches; the height becomes what it takes


class Choice(NamedTuple):
    """Which portrait of a cell is meant; None leaves it to a rule."""

    pick: str = "best"
    center: int = 1  # that is swept, from 1
    against: int | None = None  # that goes round in a film; with one feature is swept too
    resolution: int | None = None  # cells on each side
    frames: int | None = None

    @property
    def stem(self) -> str:
        """What its files are called."""
        numbers = [self.pick, str(self.center)]
        numbers += [str(self.against)] if self.against else []
        numbers += [f"{self.resolution}x{self.resolution}"] if self.resolution else []
        numbers += [f"{self.frames}-frames"] if self.frames else []
        return "-".join(["portrait", *numbers])


def chosen(**given: Any) -> Choice:
    """The choice of what is given. Raises SpecError for what no study can have."""
    choice = Choice(**{name: value for name, value in given.items() if value is not None})
    limits = {"center": 65536, "against": 65536, "resolution": LARGEST, "frames": LONGEST}
    for name, most in limits.items():
        if (value := getattr(choice, name)) is not None:
            least = 1 if name in ("center", "against") else 2
            checks.whole(least, most)(value, name)
    return choice._replace(pick=one_pick(choice.pick))


def check(study: "Study", cell: Cell, choice: Choice, *, film: bool = False) -> None:
    """Raise SpecError where a cell has no such center, or none that could go round."""
    where = f"{cell.label} of {study.folder}"
    for name in ("center", "against"):
        if (getattr(choice, name) or 1) > cell.k:
            raise SpecError(f"{name} is {getattr(choice, name)} in {where}; allowed: 1 to {cell.k}")
    if choice.against == choice.center:
        raise SpecError(f"against is {choice.against} in {where}; allowed: another than center")
    if choice.against and not film and not _flat(study, cell):
        allowed = "none but in a film, or with one feature"
        raise SpecError(f"against is {choice.against} in {where}; allowed: {allowed}")
    if film and _round(study, cell, choice) is None:
        raise SpecError(f"{where} has no center left to go round; allowed: a larger k, or no film")


def info(
    study: "Study",
    cell: Cell,
    choice: Choice,
    *,
    work: float = WORK,
    progress: Progress | None = None,
) -> PortraitInfo:
    """The portrait of a start of a cell. Raises SpecError where there is none such."""
    check(study, cell, choice)
    make, where = _maker(study, cell, choice)
    resolution, told = choice.resolution or _resolution(study, cell, work), progress or Silent()
    told.start(resolution**2, 0)
    made = make(where, resolution=resolution, progress=told)
    told.close()
    return made


def film(
    study: "Study", cell: Cell, choice: Choice, progress: Progress | None = None
) -> films.PortraitFilm:
    """The portraits of a start while another of its centers goes round. Raises as `info`."""
    check(study, cell, choice, film=True)
    make, where = _maker(study, cell, choice)
    other, frames = _round(study, cell, choice), choice.frames or films.FRAMES
    assert other is not None
    fine = _resolution(study, cell, 2 * WORK / frames, films.FINE)
    resolution, told = choice.resolution or fine, progress or Silent()
    told.start(frames * resolution**2, 0)
    places = films.way(where.points, where.centers[other], frames)
    fields = (films.moved(where, other, place) for place in places)
    infos = [make(each, resolution=resolution, progress=told) for each in fields]
    told.close()
    return films.PortraitFilm.of(infos, other)


def figure(
    study: "Study", cell: Cell, choice: Choice, progress: Progress | None = None
) -> "Figure":
    """The picture of a portrait. Raises as `info`."""
    return draw(info(study, cell, choice, progress=progress), SIZE)


def _maker(study: "Study", cell: Cell, choice: Choice) -> tuple[Callable[..., PortraitInfo], Field]:
    """What makes portraits of a start, and the field of the center that is swept."""
    row = study.runs[study.runs["run"] == study.found(choice.pick, cell)].iloc[0]
    data, optima = study.dataset(cell.dataset), views.optima_of(study, cell)
    known = Known(optima["partition"].tolist(), float(optima["inertia"].min()))
    rules: Settings = settings(study.spec, cell.dataset)
    first, against = traces.first_of(study, row), _against(study, cell, choice)
    where = field(data.X, data.columns, first, choice.center - 1, against)
    name = "" if study.spec.name == cell.dataset else f"{study.spec.name}: "
    title = f"{name}{cell.dataset}, k = {cell.k}, {cell.init}, {_who(choice.pick)}"
    title += f"seed {row['seed']}"
    return partial(portrait, data, rules, known=known, title=title), where


def still(study: "Study", cell: Cell, choice: Choice) -> Choice:
    """A choice without what only a film has."""
    return choice._replace(frames=None, against=choice.against if _flat(study, cell) else None)


def _who(pick: str) -> str:
    kind, _, number = pick.partition("=")
    if kind == "optimum":
        return f"a start of optimum {number}, "
    return f"{pick} start, " if pick in PICKS else ""


def _against(study: "Study", cell: Cell, choice: Choice) -> int | None:
    """The center, from 0, on the other side of a portrait of one feature."""
    if choice.against:
        return choice.against - 1
    return choice.center % cell.k if _flat(study, cell) and cell.k > 1 else None


def _round(study: "Study", cell: Cell, choice: Choice) -> int | None:
    """The center, from 0, that goes round in a film: the next one that is not swept."""
    against = _against(study, cell, choice)
    if against is not None and not _flat(study, cell):
        return against
    swept = {choice.center - 1, against}
    others = [(choice.center + i) % cell.k for i in range(cell.k)]
    return next((c for c in others if c not in swept), None)


def _flat(study: "Study", cell: Cell) -> bool:
    """Whether the data have one feature."""
    return len(study.dataset(cell.dataset).columns) == 1


def _resolution(study: "Study", cell: Cell, work: float, fine: int = FINE) -> int:
    (n, d), steps = study.dataset(cell.dataset).X.shape, study.starts(cell)["n_iter"].mean()
    return resolution_for(n, d, cell.k, float(steps), work, fine)
