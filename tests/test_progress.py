"""A bar on a terminal, plain lines elsewhere, nothing where nobody looks."""

import fcntl
import io
import os
import struct
import sys
import termios
from types import SimpleNamespace

import pytest

from kmeans_lab.runner import progress
from kmeans_lab.runner.progress import Bar, Lines, Silent, in_notebook, shown


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves on."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_terminal_gets_a_bar_and_a_file_gets_lines():
    assert isinstance(shown(Terminal()), Bar)
    assert isinstance(shown(io.StringIO()), Lines)


def test_lines_say_what_is_done_the_rate_and_what_is_left(clock):
    stream = io.StringIO()
    lines = Lines(stream)
    lines.start(2000, 500)
    for seconds in (1, 3, 4, 6):
        clock[0] = seconds
        lines.advance(375)
    lines.close()
    assert stream.getvalue().splitlines() == [
        "1,250 of 2,000 starts (62 %), 250 a second, 3.0 s left",
        "2,000 of 2,000 starts (100 %), 250 a second, took 6.0 s",
    ]


def test_the_last_line_comes_however_quick_it_was(clock):
    stream = io.StringIO()
    lines = Lines(stream)
    lines.start(4, 0)
    lines.advance(4)
    assert stream.getvalue().startswith("4 of 4 starts (100 %)")


def test_a_bar_shows_count_rate_and_time_and_lets_lines_pass():
    stream = Terminal()
    bar = Bar(stream)
    bar.say("compiling")
    bar.start(100, 40)
    bar.say("computing again")
    bar.advance(60)
    bar.close()
    text = stream.getvalue()
    assert "compiling\n" in text
    assert "computing again\n" in text
    assert "40/100" in text
    assert "100/100" in text
    assert "starts/s" in text


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (24, 60)])
def test_a_terminal_that_says_nothing_of_its_size_has_a_bar_too(rows, columns):
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with os.fdopen(theirs, "w") as stream:
        bar = shown(stream)
        bar.start(100, 40)
        bar.close()
        text = os.read(ours, 4096).decode()
    os.close(ours)
    assert "40/100" in text
    assert max(map(len, text.split("\r"))) <= (columns or 80)


@pytest.mark.parametrize("made", [Silent(), Bar(Terminal()), Lines(io.StringIO())])
def test_closing_what_never_started_is_nothing(made):
    made.close()


@pytest.mark.parametrize(("config", "kind"), [({"IPKernelApp": {}}, Bar), ({}, Silent)])
def test_a_notebook_gets_a_bar_on_standard_output(monkeypatch, capsys, config, kind):
    shell = SimpleNamespace(config=config)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    made = in_notebook()
    assert type(made) is kind
    made.start(10, 0)
    made.advance(10)
    made.close()
    told = capsys.readouterr()
    assert ("10/10" in told.out) == (kind is Bar)
    assert not told.err


def test_a_script_gets_no_bar(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert type(in_notebook()) is Silent
