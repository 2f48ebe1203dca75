"""The command line: arguments in, an exit code and one line out."""

import argparse
import math
import os
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple, NoReturn

from . import __version__, commands
from .choices import BACKENDS, FORMATS, PORTRAITS
from .commands import say
from .errors import DamageError, DataError, RunError, SpecError, suggest

LETTERS = 12  # told of those that no font has
OPTIONS = ("-h", "--help", "--version")  # those that need no command


class Terminated(BaseException):
    """SIGTERM came."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code, having said in one line why it is not 0."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        with _terminable(), _plain_streams(), _letters_told():
            code = _call(argv)
            print(end="", flush=True)
            return code
    except (SpecError, DataError) as error:
        return _leave(2, str(error))
    except RunError as error:
        return _leave(1, str(error))
    except BrokenPipeError:  # no reader is left: be still, at exit too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or error
        return _leave(1, f"{where}{reason}; what is finished stays: mend it, repeat")
    except MemoryError:
        return _leave(1, "memory is used up; what is finished stays: go on with fewer --jobs")
    except KeyboardInterrupt:
        return _leave(130, f"interrupted; {_again(argv)}")
    except Terminated:
        return _leave(143, f"terminated; {_again(argv)}")


@contextmanager
def _letters_told() -> Iterator[None]:
    """One line on letters that no font here has, where the command drew pictures with such."""
    _letters()  # what was drawn before is not of this command
    yield
    if letters := _letters():
        shown = letters[:LETTERS] + "…" * (len(letters) > LETTERS)
        advice = "install one that has them, as Noto Sans CJK, and repeat"
        say(f"no font here has {shown}: drawn as □; {advice}")


def _letters() -> str:
    canvas = sys.modules.get(f"{__package__}.pictures.canvas")
    return canvas.lacking() if canvas else ""


def _call(argv: Sequence[str]) -> int:
    try:
        options = vars(_parse(argv))
    except SystemExit as shown:  # help, or the version
        return int(shown.code or 0)
    return COMMANDS[options.pop("command")].call(**options)


def _leave(code: int, line: str) -> int:
    say(line)
    return code


def _again(argv: Sequence[str]) -> str:
    """How to go on after an interruption; --fresh would begin anew, so it is left out."""
    if argv[:1] == ["advise"]:
        return "advise keeps nothing, so nothing is lost but the time"
    command = shlex.join(["kmeans-lab", *(word for word in argv if word != "--fresh")])
    return f"what is finished stays; to go on: {command}"


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the work as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # it may not handle signals
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _plain_streams() -> Iterator[None]:
    """Show what a terminal cannot print as escapes, and a warning as one line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with warnings.catch_warnings():
        warnings.simplefilter("error", DamageError)  # a report of a part would be taken for whole
        warnings.showwarning = lambda message, *_, **__: say(str(message))
        yield


class Parser(argparse.ArgumentParser):
    """A parser whose errors are SpecErrors, one line like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise SpecError."""
        raise SpecError(f"{message}; see {self.prog} --help")


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    first = argv[0] if argv else "--help"
    if first not in (*COMMANDS, *OPTIONS):
        kind, words = ("option", OPTIONS) if first.startswith("-") else ("command", (*COMMANDS,))
        raise SpecError(f"unknown {kind} {first!r}{suggest(first, words)}")
    parser, commands = _parsers()
    if first not in commands:
        return parser.parse_args([first])  # --help or --version, which end here
    options, extra = commands[first].parse_known_intermixed_args(argv[1:])
    options.command = first
    for word in sorted(extra, key=lambda word: not word.startswith("-")):
        takes = [a.name for a in COMMANDS[options.command].arguments if a.name.startswith("-")]
        near = suggest(word.partition("=")[0], [*takes, "--help"]) if word.startswith("-") else ""
        raise SpecError(f"{options.command} does not take {word!r}{near}")
    return options


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    """The parser of the whole line, for its help, and those of the commands."""
    style: dict[str, Any] = {
        "allow_abbrev": False,
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }
    parser = Parser(
        prog="kmeans-lab",
        description="How much does the start matter? Thousands of k-means starts, every step kept.",
        epilog="example:\n  kmeans-lab run experiments/iris.toml\n  kmeans-lab run --help",
        **style,
    )
    parser.add_argument("--version", action="version", version=f"kmeans-lab {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands = {}
    for name, (call, arguments, examples) in COMMANDS.items():
        about = call.__doc__ or ""
        epilog = "\n".join(["example:", *(f"  kmeans-lab {name} {e}".rstrip() for e in examples)])
        command = subparsers.add_parser(name, help=about, description=about, epilog=epilog, **style)
        for argument in arguments:
            command.add_argument(argument.name, **argument.settings)
        commands[name] = command
    return parser, commands


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
BACKEND = _argument("--backend", "threading (default) or loky", metavar="NAME", type=_backend)
RUNS = _argument("--runs", "more starts in each cell than the spec says", metavar="N", type=_count)
NO_REPORT = _argument("--no-report", "nor renders", action="store_false", dest="report")
RETRY = _argument("--retry", "run starts with status error again", action="store_true")
FRESH = _argument("--fresh", "set an existing folder aside, begin anew", action="store_true")
SHARD = _argument(
    "--shard",
    "only this of N shares of the study, any of them at once; no report",
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
        (SPEC, RESULTS, JOBS, BACKEND, RUNS, NO_REPORT, RETRY, FRESH, SHARD),
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

if __name__ == "__main__":
    sys.exit(main())
