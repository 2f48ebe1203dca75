"""What each command does: call, then print; answers go to standard output, messages to error.

A command is one short function that gives its exit code. Rooms are imported inside, so that help is
there at once.
"""

import math
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import RunError, SpecError

if TYPE_CHECKING:
    from .study.study import Study


BILLION = 10**9
LONGER = 5.0  # seconds of search where neither command nor spec says how long


def run(
    spec: str,
    results: str,
    jobs: int | None,
    backend: str | None,
    scheduler: str | None,
    runs: int | None,
    report: bool,
    retry: bool,
    fresh: bool,
    shard: str | None,
) -> int:
    """Run what is missing of a study, then report and renders."""
    from .runner import progress, runner

    folder = runner.run(
        spec,
        results=results,
        jobs=jobs,
        backend=backend,
        scheduler=scheduler,
        runs=runs,
        retry=retry,
        fresh=fresh,
        shard=shard,
        progress=progress.shown(),
    )
    again = ["kmeans-lab", "run", spec, "--results", results]
    again += ["--runs", str(runs)] if runs else []
    if shard:
        say(f"this was shard {shard}; once all are done: {shlex.join(again)}")
    if report and not shard:
        _show(folder)
    else:
        print(f"study      {folder}")
    again += ["--shard", shard] if shard else []
    return _failed(folder, shlex.join([*again, "--retry"]), shard)


def new(data: str, output: str | None) -> int:
    """Write a commented spec for a data file and say what it guessed."""
    from .spec.newspec import write

    path, guesses = write(data, output)
    for guess in guesses:
        say(guess)
    print(path)
    return 0


def plan(spec: str, results: str, jobs: int | None, runs: int | None) -> int:
    """Say what a run would do and take, from a short probe; runs and writes nothing else."""
    from .kernels._jit import warm
    from .runner import runner
    from .runner.crew import cores
    from .runner.forecast import many, memory, predict, seconds
    from .runner.progress import span
    from .wording import count, size

    (asked, datasets), lacking = runner.preview(spec, results=results, runs=runs)
    workers = jobs or cores()
    warm(say)
    costs = predict(asked, datasets)
    todo = [len(lacking.get(cost.cell, ())) for cost in costs]
    times = [seconds([cost], [starts], workers) for cost, starts in zip(costs, todo, strict=True)]
    disk = [cost.bytes * starts for cost, starts in zip(costs, todo, strict=True)]
    rows = [
        (cost.cell.label, cost.cell.starts, starts, f"{cost.steps:.0f}", span(time), size(room))
        for cost, starts, time, room in zip(costs, todo, times, disk, strict=True)
    ]
    _table(("cell", "starts", "to run", "steps each", "time", "disk"), rows)
    whole = span(seconds(costs, todo, workers))
    print(
        f"total: {count(sum(todo))} starts to run, some {whole} with {workers} workers, "
        f"{size(memory(costs, workers))} of memory, {size(sum(disk))} of disk"
    )
    hours, room = many(costs, BILLION, workers)
    print(
        f"10⁹ such starts, as many of each cell: {count(math.ceil(hours))} machine-hours, "
        f"{size(room)} of disk; assumed: idle machines like this one with {workers} workers each, "
        "starts as long as the first, a disk that keeps up"
    )
    return 0


def status(study: str | None, results: str) -> int:
    """Count what is done, missing and failed, by study or by cell."""
    from .study import study as studies

    counted = list(_cells(studies.open(study)) if study else _studies(Path(results)))
    if counted:
        _table(("cell" if study else "study", "done", "missing", "failed"), counted)
    return 0


def report(study: str) -> int:
    """Rebuild the report from the stored files alone."""
    from .report import report as reporter
    from .study import study as studies

    print(f"report     {reporter.build(studies.open(study))}")
    return 0


def render(study: str, pick: list[str], cell: str | None, format: tuple[str, ...] | None) -> int:
    """Make animations of picked starts, for each cell."""
    from .study import study as studies

    paths = studies.open(study).render(pick or None, cell=cell, formats=format)
    for path in paths:
        print(f"animation  {path}")
    if not paths:
        say(f"nothing to draw in {study}: no pick, no format, or no start with an outcome")
    return 0


def portrait(
    study: str,
    pick: str,
    center: int,
    against: int | None,
    cell: str | None,
    resolution: int | None,
    format: tuple[str, ...] | None,
    film: bool,
    frames: int | None,
) -> int:
    """Draw where k-means ends by where one first center of a start is put."""
    from .runner import progress
    from .study import portrait_files as portraits
    from .study import study as studies
    from .study.portraits import chosen

    choice = chosen(pick=pick, center=center, against=against, resolution=resolution, frames=frames)
    kinds = portraits.kinds_of(format, film or frames is not None)
    opened = studies.open(study)
    for path in portraits.render(opened, choice, kinds, cell, progress.shown()):
        print(f"portrait   {path}", flush=True)
    return 0


def reference(study: str, seconds: float | None) -> int:
    """Search longer for the best partitions, and set them against the starts."""
    from .reference import references
    from .study import study as studies
    from .wording import lead, number

    opened = studies.open(study)
    longer = opened.spec.reference.seconds or LONGER
    references.extend(opened.store, longer if seconds is None else seconds, say)
    rows = [
        (
            row["dataset"],
            row["k"],
            *(number(row[side], 12) for side in ("best_start", "inertia", "stated")),
            row["winner"],
            lead(row["margin"]),
            "proven" if row["proven"] else row["swaps"],
        )
        for row in studies.open(study).reference.to_dict("records")
    ]
    titles = ("data set", "k", "best start", "reference", "stated", "lowest", "ahead by", "swaps")
    _table(titles, rows)
    say(f"to have it in the report: kmeans-lab report {shlex.quote(study)}")
    return 0


def verify(study: str, repair: bool) -> int:
    """Check every stored byte; name what is damaged, or recompute just that."""
    from . import repair as repairing
    from .store.store import Store

    store = Store(study)
    damages = store.verify()
    if "study.json" not in {damage.path for damage in damages}:
        store.about()  # of a newer version? Then nothing here is ours to judge
    if repair and damages:
        repairing.repair(store, damages)
    for path, reason in damages:
        print(f"{store.folder / path}: {'repaired, was ' if repair else ''}{reason}")
    if not damages:
        say(f"every file of {store.folder} is as it was written")
    elif not repair:
        say(f"to mend them: kmeans-lab verify {shlex.quote(study)} --repair")
    return int(bool(damages) and not repair)


def advise(
    data: str,
    k: int,
    confidence: float,
    gap: float,
    seconds: float,
    scale: str,
    jobs: int | None,
) -> int:
    """Say which init to use and how often to repeat it, for who only wants a number."""
    from . import advice
    from .runner import progress

    advised = advice.advise(
        data,
        k,
        confidence=confidence,
        gap=gap,
        seconds=seconds,
        scale=scale,
        jobs=jobs,
        progress=progress.shown(),
    )
    print(advised)
    return 0


def compare(studies: list[str], output: str | None) -> int:
    """Compare the inits of one or more studies, data set by data set and over all."""
    from .comparison.comparison import Comparison
    from .comparison.report import default_folder

    compared = Comparison(studies)
    print(f"report     {compared.report(output or default_folder(compared))}")
    return 0


def datasets() -> int:
    """List the built-in data sets."""
    from .data.datasets import DATASETS

    rows = [(name, entry.description, entry.source) for name, entry in DATASETS.items()]
    _table(("data set", "description", "source"), rows)
    return 0


def inits() -> int:
    """List the built-in initializers."""
    from .kernels.initializers import INITIALIZERS

    rows = [(name, e.cost, e.draws, e.source) for name, e in INITIALIZERS.items()]
    _table(("init", "cost", "drawn by chance", "source"), rows)
    return 0


def say(line: str) -> None:
    """A message: one line on standard error."""
    print(f"kmeans-lab: {' '.join(line.splitlines())}", file=sys.stderr, flush=True)


def _show(folder: Path) -> None:
    """Make what shows a finished study, and name it."""
    from .reference import references
    from .report import report as reporter
    from .study import renders
    from .study import study as studies  # after the work: pandas takes a while to load

    study = studies.open(folder)
    references.complete(study.store, say)
    say("drawing the animations and the report")
    for path in renders.render(study, None, None, None):
        print(f"animation  {path}", flush=True)
    print(f"report     {reporter.build(study)}")


def _failed(folder: Path, again: str, shard: str | None = None) -> int:
    """1 and a line about the starts with status `error`, if there are any; again: a command.

    shard: as 3/16, the part whose starts count.
    """
    from numpy import isin

    from .store.store import Store

    store = Store(folder)
    if not (failed := store.failed().to_pylist()):
        return 0
    done = store.done()
    if shard:
        from .runner.shards import shard_of

        own = shard_of(shard, store.spec()).ids(store.spec())
        done, failed = done[isin(done, own)], [row for row in failed if isin(row["run"], own)]
    if not failed:
        return 0
    first = failed[0]
    say(
        f"{len(failed)} of {len(done)} starts in {store.folder} failed, the first "
        f"(run {first['run']}) with {first['note']}; what is done stays, to try them again: {again}"
    )
    return 1


def _studies(results: Path) -> Iterator[tuple[str, int, int, int]]:
    from .study import study as studies

    folders = sorted(path.parent for path in results.glob("*/study.json"))
    if not folders:
        say(f"no study in {results}; to make one: kmeans-lab run SPEC")
    for folder in folders:
        try:
            counts = list(_cells(studies.open(folder)))
        except (RunError, SpecError) as error:
            say(str(error))
            continue
        yield str(folder), *(sum(count) for count in list(zip(*counts, strict=True))[1:])


def _cells(study: "Study") -> Iterator[tuple[str, int, int, int]]:
    runs = study.store.runs(["run", "status"]).to_pandas()
    place = runs["run"] % len(study.cells)
    for cell in study.cells:
        mine = runs["status"][place == cell.index]
        failed = int((mine == "error").sum())
        yield cell.label, len(mine) - failed, cell.starts - len(mine), failed


def _table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under titles, words to the left and numbers to the right."""
    lines = [[*map(str, titles)], *([*map(str, row)] for row in rows)]
    columns = list(zip(*lines, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(word.isdecimal() for word in column[1:]) for column in columns]
    for line in lines:
        cells = zip(line, widths, right, strict=True)
        print("  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in cells).rstrip())
