"""The command's arguments: what each takes, how it is checked, and which command has which."""

import argparse
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import commands
from .choices import BACKENDS, FORMATS, PORTRAITS
from .errors import suggest


def _count(text: str, least: int = 1) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return int(text)


def _several(text: str) -> int:
    return _count(text, 2)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number from 0")
    return value


def _backend(text: str) -> str:
    if text not in BACKENDS:
        raise argparse.ArgumentTypeError(f"unknown backend {text!r}{suggest(text, BACKENDS)}")
    return text


def _formats(text: str, known: Sequence[str] = FORMATS) -> tuple[str, ...]:
    for name in text.split(","):
        if name not in known:
            raise argparse.ArgumentTypeError(f"unknown format {name!r}{suggest(name, known)}")
    return tuple(dict.fromkeys(text.split(",")))


def _portraits(text: str) -> tuple[str, ...]:
    return _formats(text, PORTRAITS)


class Argument(NamedTuple):
    """What argparse is told of one argument or option."""

    name: str
    settings: dict[str, Any]


class Command(NamedTuple):
    """A command: what it calls, its arguments, examples for its help."""

    call: Callable[..., int]
    arguments: tuple[Argument, ...]
    examples: tuple[str, ...]


def _argument(name: str, help: str, **settings: Any) -> Argument:
    return Argument(name, {"help": help, **settings})


SPEC = _argument("spec", "the study's TOML file", metavar="SPEC")
DATA = _argument("data", "a .csv, .parquet or .npy file", metavar="DATA")
STUDY = _argument("study", "a study's folder, as results/iris-sepal", metavar="STUDY")
ANY_STUDY = _argument("study", "show the cells of this one", metavar="STUDY", nargs="?")
PICK = _argument(
    "pick",
    "best, median, worst, seed=128, run=5 or optimum=2 (default: as the spec says)",
    metavar="PICK",
    nargs="*",
    default=[],  # else argparse says that one must be there
)
ADVISED = _argument(
    "data", "a .csv, .parquet or .npy file, or a built-in name, as iris", metavar="DATA"
)
RESULTS = _argument(
    "--results", "folder of the studies (default: results)", metavar="DIR", default="results"
)
JOBS = _argument("--jobs", "workers (default: one for each core)", metavar="N", type=_count)
BACKEND = _argument("--backend", "threading (default), loky or dask", metavar="NAME", type=_backend)
SCHEDULER = _argument(
    "--scheduler",
    "of Dask, as tcp://host:8786; its workers share the results folder",
    metavar="ADDRESS",
)
RUNS = _argument("--runs", "more starts in each cell than the spec says", metavar="N", type=_count)
NO_REPORT = _argument("--no-report", "nor renders", action="store_false", dest="report")
RETRY = _argument("--retry", "run starts with status error again", action="store_true")
FRESH = _argument("--fresh", "set an existing folder aside, begin anew", action="store_true")
SHARD = _argument(
    "--shard",
    "only this of N parts of the study, any of them at once; no report",
    metavar="I/N",
)
OUTPUT = _argument("--output", "file to write (default: DATA's name with .toml)", metavar="SPEC")
CELL = _argument("--cell", "only this cell, as iris/3/random", metavar="CELL")
FORMAT = _argument(
    "--format",
    "some of html,gif,mp4,png (default: as the spec says)",
    metavar="LIST",
    type=_formats,
)
ONE = _argument(
    "--pick",
    "best (default), median, worst, seed=128, run=5 or optimum=2",
    metavar="PICK",
    default="best",
)
CENTER = _argument(
    "--center", "which is swept, from 1 (default: 1)", metavar="C", type=_count, default=1
)
AGAINST = _argument(
    "--against",
    "the center that goes round in the film; with one feature, the one on the other side",
    metavar="C",
    type=_count,
)
RESOLUTION = _argument(
    "--resolution",
    "cells on each side (default: 300, or what takes some seconds)",
    metavar="N",
    type=_several,
)
PORTRAIT = _argument(
    "--format",
    "some of png,svg (default: png) and, for the film, gif,mp4",
    metavar="LIST",
    type=_portraits,
)
FILM = _argument(
    "--film",
    "a film too, in which another center goes round (so do --frames, and gif or mp4 as --format)",
    action="store_true",
)
LENGTH = _argument("--frames", "of the film (default: 48)", metavar="N", type=_several)
STUDIES = _argument("studies", "studies' folders, one or more", metavar="STUDY", nargs="+")
FOLDER = _argument(
    "--output", "folder to write (default: comparison-… beside the first study)", metavar="DIR"
)
SECONDS = _argument(
    "--seconds", "how long to search (default: as the spec says)", metavar="S", type=_seconds
)
REPAIR = _argument("--repair", "recompute what is damaged, and just that", action="store_true")
K = _argument("--k", "number of clusters", metavar="K", type=_count, required=True)
CONFIDENCE = _argument(
    "--confidence", "probability wanted (default: 0.99)", metavar="P", type=_number, default=0.99
)
GAP = _argument(
    "--gap",
    "how far above the best is good enough: 0.01 is 1 %% (default: 0)",
    metavar="G",
    type=_number,
    default=0.0,
)
BUDGET = _argument(
    "--seconds", "most that it may take (default: 30)", metavar="S", type=_seconds, default=30.0
)
SCALE = _argument("--scale", "none (default), standard or minmax", metavar="NAME", default="none")

COMMANDS: dict[str, Command] = {
    "run": Command(
        commands.run,
        (SPEC, RESULTS, JOBS, BACKEND, SCHEDULER, RUNS, NO_REPORT, RETRY, FRESH, SHARD),
        ("experiments/iris.toml", "experiments/iris.toml --runs 5000 --jobs 4"),
    ),
    "new": Command(commands.new, (DATA, OUTPUT), ("points.csv",)),
    "plan": Command(commands.plan, (SPEC, RESULTS, JOBS, RUNS), ("experiments/iris.toml",)),
    "status": Command(commands.status, (ANY_STUDY, RESULTS), ("", "results/iris-sepal")),
    "report": Command(commands.report, (STUDY,), ("results/iris-sepal",)),
    "render": Command(
        commands.render,
        (STUDY, PICK, CELL, FORMAT),
        ("results/iris-sepal worst seed=128 --cell iris/3/random --format gif,mp4",),
    ),
    "portrait": Command(
        commands.portrait,
        (STUDY, ONE, CENTER, AGAINST, CELL, RESOLUTION, PORTRAIT, FILM, LENGTH),
        ("results/iris-sepal --pick worst --center 2", "results/iris-sepal --film --format mp4"),
    ),
    "reference": Command(
        commands.reference, (STUDY, SECONDS), ("results/iris-sepal --seconds 60",)
    ),
    "verify": Command(commands.verify, (STUDY, REPAIR), ("results/iris-sepal --repair",)),
    "compare": Command(
        commands.compare,
        (STUDIES, FOLDER),
        ("results/iris-sepal results/s-sets --output results/both",),
    ),
    "advise": Command(
        commands.advise,
        (ADVISED, K, CONFIDENCE, GAP, BUDGET, SCALE, JOBS),
        ("points.csv --k 3", "points.csv --k 3 --confidence 0.95 --gap 0.01"),
    ),
    "datasets": Command(commands.datasets, (), ("",)),
    "inits": Command(commands.inits, (), ("",)),
}
