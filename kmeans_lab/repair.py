"""Mend a damaged study: make again just what is damaged, from what is not."""

from collections.abc import Collection, Sequence

import numpy as np

from .data import datasets
from .errors import DataError, RunError, SpecError
from .reference import references
from .report import report
from .runner import runner
from .spec import plan
from .spec.resolve import Resolved, load_data
from .spec.spec import Data, Spec
from .store.store import REFERENCE, UNLISTED, Damage, Store
from .study import portrait_files, renders, study

REPORT = ("report.html", "summary.", "figures/")  # how the paths of a report's files begin


def repair(store: Store, damages: Sequence[Damage]) -> None:
    """Mend what `store.verify` found.

    Starts are computed again, data read again from their source, report and animations made again.
    Raises RunError where what is needed for that is itself lost.
    """
    unlisted = {damage.path for damage in damages if damage.reason == UNLISTED}
    damaged = {damage.path for damage in damages} - unlisted
    with store.lock():
        store.mend_lines()
        _mend_settings(store, damaged, unlisted)
        _mend_data(store, damaged, unlisted)
        _mend_starts(store, damaged, unlisted)
        _mend_reference(store, damaged, unlisted)
    _mend_pictures(store, damaged)
    store.checksums.remove(path for path in damaged if not (store.folder / path).exists())
    for path, reason in store.verify():
        advice = "it is no file of this study: remove it" if reason == UNLISTED else reason
        raise RunError(f"{store.folder / path} cannot be repaired: {advice}")


def _mend_settings(store: Store, damaged: Collection[str], unlisted: Collection[str]) -> None:
    """spec.toml has a copy in study.json, which can be made again from the spec and the data."""
    if {"spec.toml", "study.json"} <= set(damaged):
        raise RunError(
            f"{store.folder} has lost both spec.toml and study.json; run it with --fresh"
        )
    if "study.json" in damaged:
        spec = store.spec_in(store.folder)
        data = store.folder / "data"
        kept = {d.label: datasets.read_parquet(data / f"{d.label}.parquet") for d in spec.data}
        store.write_about(Resolved(spec, kept))
    elif {"spec.toml", "study.json"} & {*damaged, *unlisted}:
        store.record(store.folder / "study.json")
        store.put("spec.toml", store.about()["spec"])


def _mend_data(store: Store, damaged: Collection[str], unlisted: Collection[str]) -> None:
    """Read data sets again from where they came; they must be what the study began with."""
    spec = store.spec()
    (store.folder / "data").mkdir(exist_ok=True)
    for data in spec.data:
        path = f"data/{data.label}.parquet"
        if path in unlisted and _is_whole(store, data.label):
            store.record(store.folder / path)
        elif path in damaged or path in unlisted:
            fresh = _read_again(data, spec, store)
            store.checksums.add({path: datasets.write_parquet(fresh, store.folder / path)})


def _is_whole(store: Store, name: str) -> bool:
    try:
        store.dataset(name)
    except RunError:
        return False
    return True


def _read_again(data: Data, spec: Spec, store: Store) -> datasets.Dataset:
    try:
        fresh = load_data(data, spec)
    except DataError as error:
        raise RunError(f"the data of {store.folder} cannot be had again: {error}") from error
    if fresh.fingerprint != store.first(data.label)["fingerprint"]:
        raise RunError(f"the source of {data.label!r} is not what the study began with")
    return fresh


def _mend_starts(store: Store, damaged: Collection[str], unlisted: Collection[str]) -> None:
    """Drop whole blocks that are damaged, and run the starts that are then missing."""
    paths = [path for path in damaged if path.startswith(("runs/", "steps/"))]
    names = {path.partition("/")[2].removesuffix(".parquet") for path in paths} - {"schema"}
    if any(path.endswith("/schema.parquet") for path in (*paths, *unlisted)):
        store.checksums.add(store.prepare())
    store.discard(names)
    spec = store.spec()
    names |= store.settle(spec.record.steps, lost=names).keys()
    spec = runner.grown(spec, store)
    lost = [plan.ids_in(spec, name) for name in names]
    runner.complete(store, spec, only=np.concatenate([np.empty(0, np.int64), *lost]), lost=names)
    store.settle(spec.record.steps)  # what was lost is listed no more


def _mend_reference(store: Store, damaged: Collection[str], unlisted: Collection[str]) -> None:
    """Search again, with as many swaps, for what is lost."""
    if REFERENCE not in {*damaged, *unlisted}:
        return
    try:
        if REFERENCE in unlisted:
            store.save_reference(store.reference())
            return
    except RunError:
        pass  # what is not listed is damaged too
    (store.folder / REFERENCE).unlink(missing_ok=True)
    references.restore(store)


def _mend_pictures(store: Store, damaged: Collection[str]) -> None:
    """Make animations and report again where they are damaged, or no checksum vouches for them."""
    made = study.open(store.folder)
    listed, _ = store.checksums.read()
    doubtful = {*damaged, *(path for path in _pictures(store) if path not in listed)}
    for path in sorted(path for path in doubtful if path.startswith("renders/")):
        try:
            portrayed = path.rpartition("/")[2].startswith("portrait-")
            (portrait_files if portrayed else renders).remake(made, store.folder / path)
        except (SpecError, RunError):
            if path in damaged and (store.folder / path).exists():
                raise  # else it is a file of the user's own, or a name that a bad line made up
    if any(path.startswith(REPORT) for path in doubtful):
        report.build(made)


def _pictures(store: Store) -> list[str]:
    globs = ("renders/**/*.*", "figures/*.*", "report.html", "summary.*")
    paths = [path for pattern in globs for path in store.folder.glob(pattern)]
    return [path.relative_to(store.folder).as_posix() for path in paths if path.name[0] != "."]
