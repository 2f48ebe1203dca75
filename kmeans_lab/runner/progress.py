"""How long work shows itself: a bar on a terminal and in a notebook, plain lines, or nothing."""

import os
import sys
import time
import warnings
from typing import Any, Protocol, TextIO

from tqdm import TqdmWarning, tqdm

PAUSE = 2.0  # seconds between two plain lines


class Progress(Protocol):
    """What the runner tells while it works."""

    def say(self, text: str) -> None:
        """One line."""

    def start(self, total: int, done: int) -> None:
        """Work begins: `total` starts, `done` of them stored already."""

    def advance(self, starts: int) -> None:
        """So many more starts are stored."""

    def close(self) -> None:
        """Work has ended, or was stopped."""


class Silent:
    """Progress that nobody sees."""

    def say(self, text: str) -> None:
        """Nothing."""

    def start(self, total: int, done: int) -> None:
        """Nothing."""

    def advance(self, starts: int) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Lines(Silent):
    """A plain line when a block is stored, at most one every two seconds, and one at the end."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.total = self.done = self.new = 0
        self.began = self.told = time.monotonic()

    def say(self, text: str) -> None:
        """One line."""
        print(text, file=self.stream, flush=True)

    def start(self, total: int, done: int) -> None:
        """Work begins."""
        self.total, self.done, self.new = total, done, 0
        self.began = self.told = time.monotonic()

    def advance(self, starts: int) -> None:
        """So many more starts are stored."""
        self.done += starts
        self.new += starts
        now = time.monotonic()
        if now - self.told >= PAUSE or self.done == self.total:
            self.told = now
            self.say(self._line(now - self.began))

    def _line(self, elapsed: float) -> str:
        rate = self.new / max(elapsed, 1e-9)
        left = (self.total - self.done) / max(rate, 1e-9)
        share = 100 * self.done / self.total
        tail = f"{span(left)} left" if self.done < self.total else f"took {span(elapsed)}"
        return (
            f"{self.done:,} of {self.total:,} starts ({share:.0f} %), {rate:,.0f} a second, {tail}"
        )


class Bar(Silent):
    """A bar with rate, elapsed and remaining time."""

    def __init__(self, stream: TextIO, kind: Any = tqdm) -> None:
        self.stream, self.kind = stream, kind
        self.bar: Any = None

    def say(self, text: str) -> None:
        """One line above the bar."""
        tqdm.write(text, file=self.stream)

    def start(self, total: int, done: int) -> None:
        """Work begins."""
        self.bar = self.kind(
            total=total,
            initial=done,
            unit=" starts",
            unit_scale=total >= 10_000,
            file=self.stream,
            **_size(self.stream),
        )

    def advance(self, starts: int) -> None:
        """So many more starts are stored."""
        self.bar.update(starts)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self.bar is not None:
            self.bar.close()


def _size(stream: TextIO) -> dict[str, Any]:
    """How large the terminal is: what it says at any time, or as usual where it says nothing."""
    try:
        known = os.get_terminal_size(stream.fileno()).columns > 0
    except (OSError, ValueError, AttributeError):  # a stream that is no file
        known = True
    return {"dynamic_ncols": True} if known else {"ncols": 80, "nrows": 24}


def shown(stream: TextIO | None = None) -> Progress:
    """A bar where `stream` (standard error) is a terminal, else plain lines."""
    stream = stream or sys.stderr
    return Bar(stream) if stream.isatty() else Lines(stream)


def in_notebook() -> Progress:
    """A bar under the cell of a notebook that runs, elsewhere nothing.

    It is a widget where ipywidgets is installed, else text, on standard output: a bar is no error.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or "IPKernelApp" not in shell.config:
        return Silent()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)  # that there are no widgets
        from tqdm.auto import tqdm as kind
    return Bar(sys.stdout, kind)


def span(seconds: float) -> str:
    """A time as people say it.

    >>> span(0.004), span(7.25), span(200), span(8000)
    ('0.0 s', '7.2 s', '3 min 20 s', '2 h 13 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
