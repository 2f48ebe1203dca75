"""A spec with its data at hand: every `auto` decided, every name found; how two specs differ."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any, NamedTuple

import tomli_w

from ..choices import ALL, AUTO
from ..data.datasets import Dataset, distinct, load
from ..errors import DataError, SpecError
from ..kernels.initializers import INITIALIZERS
from .callables import MOST, load_initializer
from .checks import shown
from .spec import Data, Record, Spec

FEW, MANY = 2000, 100_000  # points up to which labels of every step, of the outcome are recorded
CENSUS = 10_000_000  # starts of a cell up to which all can be asked for
EXACT = 20_000  # points up to which a silhouette is exact
LIST = re.compile(r"\[\n((?: +.*,\n)+)\]")  # as tomli_w writes one; a value has no line break
FREE = ("runs", "budget", "reference", "render")  # keys that a stored study may change


class Resolved(NamedTuple):
    """A spec that leaves nothing open, and its data sets by name."""

    spec: Spec
    datasets: dict[str, Dataset]


def resolve(spec: Spec) -> Resolved:
    """Load the data, and decide what the spec leaves open.

    Raises SpecError or DataError, naming the spec's file, where the two do not fit.
    """
    try:
        datasets = {data.label: load_data(data, spec) for data in spec.data}
        for dataset in datasets.values():
            _check_k(dataset, spec.grid.k)
        for data in spec.data:
            _check_points(data, datasets[data.label])
        _check_inits(spec)
        if spec.runs == ALL:
            _check_census(spec, datasets)
    except (SpecError, DataError) as error:
        if not spec.path or str(error).startswith(spec.path):
            raise
        raise type(error)(f"{spec.path}: {error}") from error
    named = tuple(_named(data, datasets[data.label], spec.runs == ALL) for data in spec.data)
    return Resolved(replace(spec, data=named, record=_decided(spec.record, datasets)), datasets)


def load_data(data: Data, spec: Spec) -> Dataset:
    """One data set of a spec, from its source. Raises DataError where it cannot be used."""
    return load(
        data.source,
        name=data.label,
        base=spec.base,
        columns=data.columns,
        truth=data.truth,
        scale=data.scale,
    )


def _check_k(dataset: Dataset, wanted: tuple[int, ...]) -> None:
    k, n = max(wanted), len(dataset.X)
    if k > n:
        raise SpecError(f"[grid] k is {k}, but {dataset.name!r} has {n} points; allowed: up to {n}")
    if (different := distinct(dataset.X, k)) < k:
        raise SpecError(
            f"[grid] k is {k}, but {dataset.name!r} has {different} distinct points; "
            f"allowed: up to {different}"
        )


def _check_inits(spec: Spec) -> None:
    for init in spec.grid.init:
        load_initializer(init, spec.base)
        if init not in INITIALIZERS and spec.seed + spec.most_starts - 1 > MOST:
            last = spec.seed + spec.most_starts - 1
            raise SpecError(f"seeds go up to {last}; allowed for {init!r}: up to {MOST}")


def _check_points(data: Data, dataset: Dataset) -> None:
    if data.points not in (None, len(dataset.X)):
        raise SpecError(
            f"[[data]] points is {data.points}, but {dataset.name!r} has {len(dataset.X)}; "
            "allowed: their number, or nothing"
        )


def _check_census(spec: Spec, datasets: Mapping[str, Dataset]) -> None:
    """All starts can be counted for `random` only, and only where they are not too many."""
    fixed = [init for init, entry in INITIALIZERS.items() if entry.deterministic]
    for init in spec.grid.init:
        if init not in ("random", *fixed):
            allowed = f"random, {', '.join(fixed)}"
            raise SpecError(f"runs is {ALL!r}, but init is {init!r}; allowed with it: {allowed}")
    for dataset in datasets.values():
        for k in spec.grid.k:
            if (starts := math.perm(len(dataset.X), k)) > CENSUS:
                raise SpecError(
                    f"runs is {ALL!r}, which is {starts:,} starts for {dataset.name!r} and k = {k};"
                    f" allowed: up to {CENSUS:,}, else a number of starts"
                )


def _named(data: Data, dataset: Dataset, census: bool) -> Data:
    truth, points = dataset.truth_column or None, len(dataset.X) if census else None
    return replace(data, name=data.label, columns=dataset.features, truth=truth, points=points)


def _decided(record: Record, datasets: Mapping[str, Dataset]) -> Record:
    labels = {name: _labels(len(dataset.X)) for name, dataset in datasets.items()}
    silhouette = {
        name: "exact" if len(dataset.X) <= EXACT else "sampled"
        for name, dataset in datasets.items()
    }
    return replace(
        record,
        labels=_joined(record.labels, labels),
        silhouette=_joined(record.silhouette, silhouette),
    )


def _labels(n: int) -> str:
    return "all" if n <= FEW else "final" if n <= MANY else "none"


def _joined(asked: str | Mapping[str, str], auto: Mapping[str, str]) -> str | dict[str, str]:
    """One word where it holds for all data sets, else a table of words."""
    wanted = asked if isinstance(asked, Mapping) else dict.fromkeys(auto, asked)
    words = {name: auto[name] if word == AUTO else word for name, word in wanted.items()}
    return words if len(set(words.values())) > 1 else next(iter(words.values()))


def dumps(spec: Spec) -> str:
    """The spec as TOML."""
    return LIST.sub(_one_line, tomli_w.dumps(_plain(spec)))


def _one_line(found: re.Match[str]) -> str:
    lines = found[1].strip("\n").split("\n")
    return f"[{' '.join(line.strip(' ') for line in lines).removesuffix(',')}]"


def digest(spec: Spec) -> str:
    """SHA-256 of all that decides what a start computes; what is FREE does not."""
    kept = {key: value for key, value in _plain(spec).items() if key not in FREE}
    return sha256(tomli_w.dumps(kept).encode()).hexdigest()


def difference(stored: Spec, asked: Spec) -> str:
    """The first key that a stored study must not change and `asked` does, with both values."""
    if ALL in (stored.runs, asked.runs) and stored.runs != asked.runs:
        return f"runs was {shown(stored.runs)}, is {shown(asked.runs)}"
    before, after = dict(_keys(_plain(stored))), dict(_keys(_plain(asked)))
    for key in [*before, *after]:
        if key.split()[0] not in FREE and before.get(key) != after.get(key):
            was, now = (side.get(key, "not set") for side in (before, after))
            return f"{key} was {shown(was)}, is {shown(now)}"
    return ""


def _plain(value: Any) -> Any:
    """Settings as what TOML knows; what is not set is left out."""
    if hasattr(value, "__dataclass_fields__"):
        pairs = [(f.name, getattr(value, f.name)) for f in fields(value) if "check" in f.metadata]
        return {name: _plain(item) for name, item in pairs if item is not None}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _keys(plain: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every key with the tables it stands in, as "lloyd max_iter"."""
    for key, value in plain.items():
        if key == "data":
            yield "data name", [data["name"] for data in value]
            for data in value:
                for inner, item in data.items():
                    yield f"data {data['name']} {inner}", item
        elif isinstance(value, Mapping):
            yield from ((f"{key} {inner}", item) for inner, item in value.items())
        else:
            yield key, value
