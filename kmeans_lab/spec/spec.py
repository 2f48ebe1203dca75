"""What a study is asked to do: a TOML file or keyword arguments, as frozen and checked values."""

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..choices import ALL, AUTO, EMPTY, FORMATS, LABELS, PICKS, SCALES, SILHOUETTES
from ..data.readers import READERS, read_text
from ..errors import SpecError, suggest
from . import checks
from .checks import Check, refuse

MOST_CLUSTERS = 65535  # a label takes two bytes, and one value is left for "unassigned"
MOST_STEPS = 1_000_000
BUDGET = 60.0  # seconds that runs = "auto" may take where the spec does not say
MOST_RUNS = 10**8  # ids of all starts of a cell are held in memory


def _setting(check: Check, default: Any = None, *, needed: bool = False) -> Any:
    metadata = {"check": check}
    return field(metadata=metadata) if needed else field(default=default, metadata=metadata)


def _init(value: Any, where: str) -> str:
    from ..kernels.initializers import INITIALIZERS

    name = checks.text(value, where)
    module, colon, function = name.partition(":")
    dotted = all(part.isidentifier() for part in module.split("."))
    if name in INITIALIZERS or (colon and dotted and function.isidentifier()):
        return name
    known = [*INITIALIZERS, "module:function"]
    raise SpecError(f"unknown init {name!r} in {where}{suggest(name, known)}")


class _Checked:
    """Settings that check themselves when they are made."""

    def __post_init__(self) -> None:
        for f in fields(self):  # type: ignore[arg-type]
            if check := f.metadata.get("check"):
                value = check(getattr(self, f.name), f"{self._where()}{f.name}")
                object.__setattr__(self, f.name, value)

    def _where(self) -> str:
        return f"[{type(self).__name__.lower()}] "


@dataclass(frozen=True)
class Data(_Checked):
    """One data set: where it stands and what of it is used."""

    source: str = _setting(checks.text, needed=True)  # a built-in name, or a path
    _: KW_ONLY
    name: str | None = _setting(checks.optional(checks.folder_name))  # given by source, if None
    columns: tuple[str | int, ...] | None = _setting(checks.optional(checks.list_of(checks.column)))
    truth: str | int | None = _setting(checks.optional(checks.column))
    scale: str = _setting(checks.choice(SCALES), "none")
    best_known: Mapping[int, float] | None = _setting(checks.optional(checks.inertia_by_k))
    points: int | None = _setting(checks.optional(checks.whole(1)))  # written with runs = "all"

    def _where(self) -> str:
        return "[[data]] "

    @property
    def label(self) -> str:
        """What the data set is called."""
        if self.name is not None:
            return self.name
        path = Path(self.source)
        return path.stem if path.suffix.lower() in READERS else self.source


@dataclass(frozen=True)
class Grid(_Checked):
    """The cells: every k with every init."""

    k: tuple[int, ...] = _setting(checks.list_of(checks.whole(1, MOST_CLUSTERS)), needed=True)
    init: tuple[str, ...] = _setting(checks.list_of(_init), needed=True)


@dataclass(frozen=True, kw_only=True)
class Lloyd(_Checked):
    """What a start obeys."""

    max_iter: int = _setting(checks.whole(1, MOST_STEPS), 300)
    tol: float = _setting(checks.amount, 0.0)  # of the features' mean variance
    empty: str = _setting(checks.choice(EMPTY), "relocate")


@dataclass(frozen=True, kw_only=True)
class Record(_Checked):
    """What a start leaves; labels and silhouette may be a table by data set."""

    steps: bool = _setting(checks.switch, True)
    labels: str | Mapping[str, str] = _setting(checks.choices_by_name((AUTO, *LABELS)), AUTO)
    silhouette: str | Mapping[str, str] = _setting(
        checks.choices_by_name((AUTO, *SILHOUETTES)), AUTO
    )


@dataclass(frozen=True, kw_only=True)
class Render(_Checked):
    """Which starts become animations, and in what formats."""

    pick: tuple[str, ...] = _setting(checks.list_of(checks.pick, least=0), PICKS)
    format: tuple[str, ...] = _setting(
        checks.list_of(checks.choice(FORMATS), least=0), ("html", "gif")
    )


@dataclass(frozen=True, kw_only=True)
class Reference(_Checked):
    """How long is looked for better partitions than the starts end in."""

    seconds: float = _setting(checks.amount, 5.0)  # of all data sets and k together; 0: not at all


@dataclass(frozen=True, kw_only=True)
class Spec(_Checked):
    """A whole study, its keys as in a TOML file; tables are mappings, as data=[{"source": "iris"}].

    base: the folder in which relative paths begin, by default the working directory.
    Raises SpecError for what is not allowed.
    """

    name: str = _setting(checks.folder_name, needed=True)
    runs: int | str = _setting(checks.whole_or((ALL, AUTO), 1, MOST_RUNS), 1000)  # of each cell
    seed: int = _setting(checks.whole(0), 0)  # the first of them
    budget: float | None = _setting(checks.optional(checks.amount))  # seconds, with runs = "auto"
    data: tuple[Data, ...] = _setting(
        checks.list_of(checks.table(Data, "[[data]]"), distinct=False), needed=True
    )
    grid: Grid = _setting(checks.table(Grid, "[grid]"), needed=True)
    lloyd: Lloyd = _setting(checks.table(Lloyd, "[lloyd]"), Lloyd())
    record: Record = _setting(checks.table(Record, "[record]"), Record())
    reference: Reference = _setting(checks.table(Reference, "[reference]"), Reference())
    render: Render = _setting(checks.table(Render, "[render]"), Render())
    path: str = field(default="", compare=False)  # the file it came from
    base: Path = field(default=Path(), compare=False)  # the folder its paths begin in

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "base", Path(self.base))
        if self.runs == AUTO and self.budget is None:
            object.__setattr__(self, "budget", BUDGET)
        if self.runs == AUTO and not self.budget:
            raise refuse("budget", self.budget, f"seconds above 0 with runs = {AUTO!r}")
        if self.runs == ALL and self.seed:
            raise refuse("seed", self.seed, f"0 with runs = {ALL!r}, as a seed is a start's rank")
        if self.seed + self.most_starts > 2**63:
            raise refuse("seed", self.seed, f"seeds up to {2**63 - self.most_starts}")
        self._check_names([data.label for data in self.data])

    def _check_names(self, names: list[str]) -> None:
        for name in names:
            checks.folder_name(name, "[[data]] name")
            if names.count(name) > 1:
                raise SpecError(f"two data sets are named {name!r}; allowed: each name once")
        for key in ("labels", "silhouette"):
            chosen = getattr(self.record, key)
            if isinstance(chosen, Mapping) and set(chosen) != set(names):
                given = ", ".join(chosen) or "no data set"
                allowed = f"one value, or one for each of {', '.join(names)}"
                raise SpecError(f"[record] {key} is given for {given}; allowed: {allowed}")

    def _where(self) -> str:
        return ""

    @property
    def most_starts(self) -> int:
        """Starts of the largest cell, at most; with "all" known once the data are read."""
        if isinstance(self.runs, int):
            return self.runs
        if self.runs == AUTO:
            return MOST_RUNS
        return max(math.perm(data.points or 0, k) for data in self.data for k in self.grid.k)

    def dataset(self, label: str) -> Data:
        """The [[data]] table of a data set."""
        return next(data for data in self.data if data.label == label)


def read(path: str | Path) -> Spec:
    """The spec in a TOML file. Raises SpecError with the file, and what is wrong in it."""
    if not isinstance(path, str | os.PathLike):
        raise refuse("spec", path, "the path of a TOML file, or a Spec")
    path = Path(path)
    return parse(read_text(path, SpecError), path, path.parent)


def parse(text: str, path: Path, base: Path) -> Spec:
    """The spec in a text of TOML from `path`, its paths beginning in `base`. Raises SpecError."""
    content = _parsed(path, text)
    try:
        made: Spec = checks.table(Spec, "the spec")(content, "")
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None
    return replace(made, path=str(path), base=base)


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also for numbers and nesting beyond Python's
        last = f"at line {len(text.splitlines())}, the end of the file"
        reason = str(error).replace("at end of document", last)
        raise SpecError(f"{path}: no valid TOML: {reason}; allowed: TOML 1.0") from None
