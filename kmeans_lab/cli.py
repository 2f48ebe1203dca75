"""The command line: arguments in, an exit code and one line out."""

import argparse
import atexit
import os
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from . import __version__
from .arguments import COMMANDS
from .commands import say
from .errors import COMPILER, DamageError, DataError, RunError, SpecError, suggest

LETTERS = 12  # told of those that no font has
OPTIONS = ("-h", "--help", "--version")  # those that need no command


class Terminated(BaseException):
    """SIGTERM came."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code, having said in one line why it is not 0."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        with _terminable(), _plain_streams(), _letters_told(), _unwrapped():
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
        return _stop(130, f"interrupted; {_again(argv)}")
    except Terminated:
        return _stop(143, f"terminated; {_again(argv)}")


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Let a signal be itself that came while a compiled module was loaded: it fails of it."""
    try:
        yield
    except (ImportError, SystemError) as error:
        cause: BaseException | None = error
        while cause and not isinstance(cause, Terminated | KeyboardInterrupt):
            cause = cause.__cause__ or cause.__context__
        if cause:
            raise cause from None
        raise


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


def _stop(code: int, line: str) -> int:
    """Leave; from a process that still compiles at once, as nothing else would stop that."""
    say(line)
    if any(thread.name == COMPILER for thread in threading.enumerate()):
        atexit._run_exitfuncs()
        os._exit(code)
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
        raise SpecError(f"{message}{'' if message.endswith('?') else ';'} see {self.prog} --help")


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


if __name__ == "__main__":
    sys.exit(main())
