"""Carry out a plan: what is missing of a study, block by block, on threads or processes."""

import errno
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import files
from ..arrow import numbers
from ..choices import AUTO
from ..errors import RunError, SpecError
from ..kernels._jit import warm
from ..spec import checks
from ..spec.plan import WHOLE, Cell, Shard, blocks, cells, missing
from ..spec.resolve import Resolved, difference, resolve
from ..spec.spec import Spec, read
from ..store.store import Store
from .compute import settings
from .crew import Workers, cores, hired
from .forecast import block_size
from .progress import Progress, Silent
from .rounds import Goal, first_round, grow
from .shards import admitted, shard_of
from .workers import Task, data_of, forget_data, receipts


def run(
    spec: str | Path | Spec,
    *,
    results: str | Path = "results",
    jobs: int | None = None,
    backend: str | None = None,
    scheduler: str | None = None,
    runs: int | None = None,
    fresh: bool = False,
    retry: bool = False,
    progress: Progress | None = None,
    goal: Goal | None = None,
    shard: str | None = None,
) -> Path:
    """Run what is still missing of a study; gives its folder. The options are the command's.

    goal: what the rounds of runs = "auto" are to find out. shard: as 3/16, the part to run.
    Raises SpecError, DataError where the input is wrong, RunError where the work failed.
    """
    progress = progress or Silent()
    resolved = resolve(_asked(spec, runs))
    store, auto = Store(Path(results) / resolved.spec.name), resolved.spec.runs == AUTO
    part = WHOLE if shard is None else shard_of(shard, resolved.spec)
    if fresh and part != WHOLE:
        raise SpecError("fresh, and a shard: each would set the others aside; allowed: one of both")
    if auto:
        resolved = resolved._replace(spec=first_round(resolved.spec))
    check = partial(_check_same, store, resolved, retry)
    if store.exists() and not fresh:
        check()  # before the lock, whose file tells who holds it: what is refused changes nothing
    with hired(jobs, backend, scheduler) as workers:
        _open_folder(store.folder)
        if fresh:
            _set_aside(store.folder, progress)
        run_spec = partial(complete, store, workers=workers, retry=retry, progress=progress)
        if part != WHOLE:
            with admitted(store, resolved, part, check, progress.say) as there:
                resolved.datasets.clear()
                run_spec(there, shard=part)
            return store.folder
        with store.lock(progress.say):
            if store.exists():
                check()
                store.save_inits(resolved.spec)
            else:
                store.create(resolved)
            resolved.datasets.clear()  # many points would be there twice: the study's own are read
            if auto:
                grow(store, resolved.spec, goal or Goal(), run_spec, progress)
            else:
                run_spec(resolved.spec)
    return store.folder


def preview(
    spec: str | Path | Spec, *, results: str | Path = "results", runs: int | None = None
) -> tuple[Resolved, dict[Cell, NDArray[np.int64]]]:
    """What `run` would do: the spec with its data, and the ids of the starts to run, by cell."""
    resolved = resolve(_asked(spec, runs))
    if resolved.spec.runs == AUTO:
        resolved = resolved._replace(spec=first_round(resolved.spec))
    store = Store(Path(results) / resolved.spec.name)
    if not store.exists():
        return resolved, missing(resolved.spec, np.empty(0, np.int64))
    _check_same(store, resolved)
    return resolved, missing(resolved.spec, store.done())


def _asked(spec: str | Path | Spec, runs: int | None) -> Spec:
    asked = spec if isinstance(spec, Spec) else _read(spec)
    return asked if runs is None else replace(asked, runs=checks.whole(1)(runs, "runs"))


def _read(path: str | Path) -> Spec:
    """A spec; a study's own begins its paths where the one it came from stood."""
    spec, folder = read(path), Path(path).parent
    if Path(path).name == "spec.toml" and (folder / "study.json").is_file():
        return replace(Store(folder).spec(), path=spec.path)
    return spec


def complete(
    store: Store,
    spec: Spec,
    *,
    workers: Workers | None = None,
    retry: bool = False,
    progress: Progress | None = None,
    block: int | None = None,
    only: NDArray[np.int64] | None = None,
    shard: Shard = WHOLE,
    lost: Collection[str] = (),
) -> None:
    """Compute what a stored study lacks of `spec`, from its folder alone. Needs the lock.

    spec: resolved. workers: else a thread for each core. block: starts in a block; else what some
    seconds of work hold. only: ids (m,) outside which nothing is computed. shard: the part that is
    this writer's; needs its lock. lost: blocks to make again, which are listed until that is done.
    """
    progress, workers = progress or Silent(), workers or Workers(jobs=cores())
    mine = None if shard == WHOLE else partial(shard.owns, spec)
    for name, reason in store.settle(spec.record.steps, mine, lost).items():
        progress.say(f"computing {name} again: {reason}")
    asked = shard.ids(spec)
    if retry:
        store.drop(np.intersect1d(numbers(store.failed()["run"]), asked))
    if shard == WHOLE:
        store.save_spec(grown(spec, store))
    done = store.done(partial(shard.meets, spec))
    todo = missing(spec, done, asked if only is None else only)
    total = len(asked)
    lacking = sum(map(len, todo.values()))
    if not lacking:
        progress.say(f"nothing to run: the {total:,} starts asked for are there")
        return
    warm(progress.say)
    progress.start(total, total - lacking)
    try:
        tasks = _tasks(store, spec, todo, workers, block)
        if shard != WHOLE:
            tasks = [replace(task, shard=shard.label) for task in tasks]
        _execute(tasks, store, workers, progress)
    except BaseException:
        if not workers.local:  # who may be at work still; the next run waits for them
            raise
        try:
            store.settle(spec.record.steps, mine, lost)  # finished, but not yet listed
        except (OSError, RunError):
            with suppress(OSError, RunError):
                store.withdraw(mine)
        raise
    finally:
        progress.close()
        forget_data()


def _execute(tasks: Sequence[Task], store: Store, workers: Workers, progress: Progress) -> None:
    with receipts(tasks, workers) as arriving:
        for receipt in arriving:
            store.checksums.add(receipt.checksums)
            progress.advance(receipt.starts)


def _tasks(
    store: Store, spec: Spec, todo: dict[Cell, Any], workers: Workers, block: int | None
) -> list[Task]:
    tasks, apart = list[Task](), workers.backend != "threading"
    folder = str(store.folder.absolute())
    forget_data()
    for cell, lacking in todo.items():
        dataset = data_of(folder, cell.dataset, store.first(cell.dataset)["fingerprint"])
        chosen = replace(settings(spec, cell.dataset), apart=apart)
        size = block or block_size(dataset, cell, chosen, spec.seed, len(lacking), workers.jobs)
        made = blocks(spec, cell, lacking, size)
        tasks += [Task(folder, dataset.fingerprint, chosen, each) for each in made]
    threads = workers.jobs // len(tasks) if workers.local else 1
    return [task.on(threads) for task in tasks] if threads > 1 else tasks


def grown(spec: Spec, store: Store) -> Spec:
    """A stored study's spec as asked for, but never with fewer starts than it has."""
    if not isinstance(spec.runs, int):
        return spec
    met = int(store.done().max(initial=-1)) // len(cells(spec)) + 1
    return replace(spec, runs=max(spec.runs, store.spec().most_starts, met))


def _open_folder(folder: Path) -> None:
    """Make sure that the study can be written, before anything is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise RunError(f"cannot make {folder}: {error.strerror}; make room, repeat") from None
        raise SpecError(f"results folder {folder} cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SpecError(f"results folder {folder} is not writable; --results names another")


def _set_aside(folder: Path, progress: Progress) -> None:
    """Give an existing study's folder another name."""
    if not any(folder.iterdir()):
        return
    with files.locked(folder):
        number = 1
        while (aside := folder.with_name(f"{folder.name}.old-{number}")).exists():
            number += 1
        folder.rename(aside)
    folder.mkdir()
    progress.say(f"the study that was there is now {aside}")


def _check_same(store: Store, resolved: Resolved, retry: bool = False) -> None:
    """Refuse another study under a stored one's name. Raises SpecError.

    retry: a user's initializer may have been mended for the starts that failed with it.
    """
    spec = resolved.spec
    changed = difference(store.spec(), spec)
    for name, dataset in resolved.datasets.items():
        if not changed and dataset.fingerprint != store.first(name)["fingerprint"]:
            changed = f"the data of {name!r} are not those it began with"
    if not (changed or retry) and (inits := store.changed_inits(spec)):
        changed = f"the code of {inits[0]!r} is not what it began with"
    if changed:
        raise SpecError(
            f"{spec.path or 'the spec'} is another study than {store.folder}: {changed}; "
            "give it another name, or --fresh to set the old one aside"
        )
