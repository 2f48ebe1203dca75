"""study.json, what a study was made of and with: its one form."""

import json
from collections.abc import Mapping
from typing import Any

MOST = 2**40  # a number in it is below
EACH = "each"  # as a key of a form: every key, if there are any
FORM: Mapping[str, Any] = {
    "spec_digest": str,
    "spec_folder": str,
    "spec": str,
    "datasets": {EACH: {"fingerprint": str, "shape": [int, int]}},
    "packages": {EACH: str, "kmeans_lab": str},
}
OPTIONAL: Mapping[str, Any] = {  # what earlier versions did not write, or not every study has
    "inits": {EACH: str},
    "machine": {EACH: object},
    "reference": {EACH: int},
    "shards": int,
}


def loaded(data: bytes) -> tuple[dict[str, Any], int]:
    """What a study.json says, and the version of its form. Raises ValueError where it is none."""
    try:
        about: dict[str, Any] = json.loads(data)
        return about, int(about["schema_version"])
    except (LookupError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(type(error).__name__) from error


def misshapen(about: Mapping[str, Any]) -> str:
    """The first key whose value has not the form of this version; none: ""."""
    there = {key: form for key, form in OPTIONAL.items() if key in about}
    forms = {**FORM, **there}
    return next((key for key, form in forms.items() if not _fits(about.get(key), form)), "")


def _fits(value: Any, form: Any) -> bool:
    """Whether a value is a number, of another type, a list or a table of forms by key."""
    if form is int:
        return type(value) is int and 0 <= value < MOST
    if isinstance(form, type):
        return isinstance(value, form)
    if isinstance(form, list):
        return isinstance(value, list) and len(value) == len(form) and all(map(_fits, value, form))
    if not isinstance(value, dict):
        return False
    every = form.get(EACH, object)
    named = (_fits(value.get(key), part) for key, part in form.items() if key != EACH)
    return all(named) and all(_fits(part, every) for part in value.values())
