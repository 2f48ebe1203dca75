"""What goes wrong and how it reads: one line with what was given, what is allowed and where."""

from collections.abc import Iterable
from difflib import get_close_matches

COMPILER = "kmeans_lab compiles"  # the name of a thread that goes on whatever is raised


class SpecError(ValueError):
    """The spec, or an option of a command, asks for something that cannot be."""


class DataError(ValueError):
    """A data set cannot be used as it is."""


class RunError(RuntimeError):
    """The input was right, but the work failed; the text says where and what helps."""


class InUseError(RunError):
    """Another run holds what this one needs; it may be free in a moment."""


class DamageError(RunError, UserWarning):
    """A block of starts is damaged and left out; for the command, an error like any other."""


def suggest(name: object, choices: Iterable[object]) -> str:
    """Tail of an error line: the nearest allowed name, or all of them.

    >>> suggest("kmean++", ["random", "k-means++"])
    "; did you mean 'k-means++'?"
    >>> suggest("x", ["random", "k-means++"])
    '; allowed: random, k-means++'
    """
    allowed = [str(choice) for choice in choices]
    near = get_close_matches(str(name), allowed, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(allowed)}"
