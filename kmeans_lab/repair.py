"""Mend a damaged study: make again just what is damaged, from what is not."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from . import datasets, files, plan, renders, report, runner, study
from .errors import DataError, RunError, SpecError
from .resolve import Resolved, resolve
from .store import UNLISTED, Damage, Store


def repair(store: Store, damages: Sequence[Damage]) -> None:
    """Mend what `store.verify` found.

    Starts are computed again, data read again from their source, report and animations made again.
    Raises RunError where what is needed for that is itself lost.
    """
    damaged = {damage.path for damage in damages if damage.reason != UNLISTED}
    unlisted = {damage.path for damage in damages} - damaged
    with store.lock():
        _mend_settings(store, damaged)
        _mend_data(store, [path for path in damaged if path.startswith("data/")])
        _check_unlisted(store, unlisted)
        _mend_starts(store, [path for path in damaged if path.startswith(("runs/", "steps/"))])
    _mend_pictures(store, damaged)
    if left := store.verify():
        raise RunError(f"{store.folder / left[0].path} cannot be repaired: {left[0].reason}")


def _mend_settings(store: Store, damaged: Collection[str]) -> None:
    """spec.toml has a copy in study.json, which can be made again from the spec and the data."""
    if {"spec.toml", "study.json"} <= set(damaged):
        raise RunError(
            f"{store.folder} has lost both spec.toml and study.json; run it with --fresh"
        )
    if "spec.toml" in damaged:
        text = str(store.about()["spec"]).encode()
        store.checksums.add({"spec.toml": files.write(store.folder / "spec.toml", text)})
    if "study.json" in damaged:
        spec = store.spec_in(store.folder)
        data = store.folder / "data"
        kept = {d.label: datasets.read_parquet(data / f"{d.label}.parquet") for d in spec.data}
        store.checksums.add({"study.json": store.write_about(Resolved(spec, kept))})


def _mend_data(store: Store, paths: Collection[str]) -> None:
    """Read data sets again from where they came; they must be what the study began with."""
    if not paths:
        return
    try:
        fresh = resolve(store.spec()).datasets.values()
    except (SpecError, DataError) as error:
        raise RunError(f"the data of {store.folder} cannot be had again: {error}") from error
    for dataset in fresh:
        path = f"data/{dataset.name}.parquet"
        if path in paths:
            if dataset.fingerprint != store.about()["datasets"][dataset.name]["fingerprint"]:
                raise RunError(f"the source of {dataset.name!r} is not what the study began with")
            store.checksums.add({path: datasets.write_parquet(dataset, store.folder / path)})


def _check_unlisted(store: Store, paths: Collection[str]) -> None:
    """List files that are whole though no checksum says so; blocks are for `settle` to judge."""
    spec = store.spec()
    for data in spec.data:
        store.dataset(data.label)
    kept = [path for path in paths if not path.startswith(("runs/c", "steps/c"))]
    store.record(*(store.folder / path for path in kept))


def _mend_starts(store: Store, paths: Collection[str]) -> None:
    """Drop whole blocks that are damaged, and run the starts that are then missing."""
    spec = store.spec()
    names = {path.partition("/")[2].removesuffix(".parquet") for path in paths} - {"schema"}
    store.discard(names)
    store.checksums.add(store.prepare())
    lost = [plan.ids_in(spec, name) for name in names]
    spec = replace(spec, runs=max(spec.runs, runner.seeds_met(store.done(), spec)))
    runner.complete(store, spec, only=np.concatenate([np.empty(0, np.int64), *lost]))


def _mend_pictures(store: Store, damaged: Collection[str]) -> None:
    """Make the report again, and each animation that is damaged."""
    made = study.open(store.folder)
    for path in damaged:
        if path.startswith("renders/"):
            renders.remake(made, store.folder / path)
    if any(path.startswith(("report.", "summary.", "figures/")) for path in damaged):
        report.build(made)
