"""Checks of one value of a spec: each gives the value in its one form, or raises SpecError.

A check takes the value and where it stands, as "[lloyd] max_iter", for the error's line.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from numbers import Real
from typing import Any

from ..choices import NUMBERED, PICKS
from ..errors import SpecError, suggest

Check = Callable[[Any, str], Any]


def refuse(where: str, value: Any, allowed: str) -> SpecError:
    """The error for a value that is not allowed."""
    return SpecError(f"{where} is {shown(value)}; allowed: {allowed}")


def shown(value: Any) -> str:
    """A value as an error's line has room for it."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def whole(low: int, high: int = 2**63 - 1) -> Check:
    """Integers from `low` to `high`; no booleans, no floats."""
    limits = f"whole numbers from {low}" + (f" to {high}" if high < 2**63 - 1 else "")

    def check(value: Any, where: str) -> int:
        try:
            number = operator.index(value)
        except TypeError:
            raise refuse(where, value, limits) from None
        if isinstance(value, bool) or number < low:
            raise refuse(where, value, limits)
        if number > high:
            raise refuse(where, value, f"whole numbers from {low} to {high}")
        return number

    return check


def whole_or(words: Iterable[str], low: int, high: int) -> Check:
    """Integers as by `whole`, or one of some words."""
    number, allowed = whole(low, high), tuple(words)
    limits = f"whole numbers from {low} to {high}, {', '.join(map(repr, allowed))}"

    def check(value: Any, where: str) -> int | str:
        if isinstance(value, str):
            if value not in allowed:
                raise refuse(where, value, limits)
            return value
        try:
            return int(number(value, where))
        except SpecError:
            raise refuse(where, value, limits) from None

    return check


_index = whole(0)


def amount(value: Any, where: str) -> float:
    """A finite number from 0."""
    try:
        number = float(value) if isinstance(value, Real) else math.nan
    except OverflowError:
        number = math.inf
    if isinstance(value, bool) or not 0 <= number < math.inf:
        raise refuse(where, value, "finite numbers from 0")
    return number


def switch(value: Any, where: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise refuse(where, value, "true, false")
    return value


def text(value: Any, where: str) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        raise refuse(where, value, "a string that is not empty")
    return value


def folder_name(value: Any, where: str) -> str:
    """A string that names one file or folder, not hidden, nor somewhere else."""
    name = text(value, where)
    bad = name.startswith(".") or name != name.strip() or not name.isprintable()
    if bad or set("/\\") & set(name) or len(name.encode(errors="replace")) > 200:
        allowed = "a plain folder name of up to 200 bytes, without / or \\, not starting with a dot"
        raise refuse(where, name, allowed)
    return name


def choice(allowed: Iterable[str]) -> Check:
    """One of some words."""
    words = tuple(allowed)

    def check(value: Any, where: str) -> str:
        if value not in words:
            raise SpecError(f"{where} is {shown(value)}{suggest(value, words)}")
        return str(value)

    return check


def choices_by_name(allowed: Iterable[str]) -> Check:
    """One of some words for all data sets, or a table of words by data set."""
    words = tuple(allowed)
    one = choice(words)

    def check(value: Any, where: str) -> str | dict[str, str]:
        if isinstance(value, Mapping):
            return {text(k, where): one(v, f"{where} of {k!r}") for k, v in value.items()}
        return str(one(value, where))

    return check


def list_of(check_item: Check, least: int = 1, *, distinct: bool = True) -> Check:
    """A list, of distinct values where that is asked for, as a tuple."""

    def check(value: Any, where: str) -> tuple[Any, ...]:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            tables = isinstance(value, Mapping) and where == "data"
            raise refuse(where, value, "[[data]], a list" if tables else "a list, as [...]")
        items = tuple(check_item(item, where) for item in value)
        if len(items) < least:
            raise refuse(where, list(items), "a list that is not empty")
        twice = [item for i, item in enumerate(items) if item in items[:i]]
        if twice and distinct:
            raise SpecError(f"{where} has {twice[0]!r} twice; allowed: each once")
        return items

    return check


def column(value: Any, where: str) -> str | int:
    """A column's name, or its index from 0."""
    if isinstance(value, str) and value:
        return value
    try:
        return operator.index(_index(value, where))
    except SpecError:
        raise refuse(where, value, "column names, or indices from 0") from None


def optional(check_value: Check) -> Check:
    """What the check allows, or nothing."""

    def check(value: Any, where: str) -> Any:
        return None if value is None else check_value(value, where)

    return check


def inertia_by_k(value: Any, where: str) -> dict[int, float]:
    """A table of inertias by k, whose keys TOML writes as strings."""
    if not isinstance(value, Mapping):
        raise refuse(where, value, "a table by k, as { 3 = 37.05 }")
    found = {}
    for key, inertia in value.items():
        if not _is_number(str(key)) or int(key) < 1:
            raise refuse(f"{where} key", key, "whole numbers from 1")
        found[int(key)] = amount(inertia, f"{where} of {key}")
    return found


def _is_number(word: str) -> bool:
    """Whether a word is a whole number of at most 18 digits, which is what 64 bits hold."""
    return word.isascii() and word.isdecimal() and len(word) <= 18


def pick(value: Any, where: str) -> str:
    """best, median or worst, or a start by number, as seed=128."""
    word = value if isinstance(value, str) else ""
    kind, equals, number = word.partition("=")
    if word in PICKS:
        return word
    if equals and kind in NUMBERED and _is_number(number):
        return f"{kind}={int(number)}"
    allowed = ", ".join([*PICKS, *(f"{kind}=N" for kind in NUMBERED)])
    near = "" if equals else suggest(word, PICKS)
    tail = near if "did you mean" in near else f"; allowed: {allowed}"
    raise SpecError(f"{where} is {shown(value)}{tail}")


def table(kind: type[Any], where: str) -> Check:
    """An instance of a settings class, or a table of its keys."""

    def check(value: Any, _: str) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            raise refuse(where, value, f"a table {where}")
        known = {f.name: f for f in fields(kind) if "check" in f.metadata}
        for key in value:
            if key not in known:
                raise SpecError(f"unknown key {key!r} in {where}{suggest(key, known)}")
        for name, setting in known.items():
            needed = setting.default is MISSING and setting.default_factory is MISSING
            if needed and name not in value:
                raise SpecError(f"{where} has no {name!r}, which must be there")
        return kind(**value)

    return check
