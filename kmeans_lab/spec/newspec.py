"""A first spec for a data file: what can be guessed is filled in, and every key is explained."""

import os
from pathlib import Path
from typing import Any

import tomli_w

from .. import files
from ..choices import AUTO, EMPTY, FORMATS, LABELS, PICKS, SCALES, SILHOUETTES
from ..data.datasets import DATASETS, read_table
from ..data.guess import Guess, guess
from ..errors import SpecError
from .spec import BUDGET, Lloyd, Record, Reference, Render, Spec

COLUMN = 34  # where comments begin
WIDTH = 100  # of a line


def write(data: str, output: str | None = None) -> tuple[Path, list[str]]:
    """Write a commented spec for a data file; gives its path, and a line for each guess.

    output: by default the data's name with .toml, in the working directory. Raises DataError where
    the data cannot be used, SpecError where the spec cannot be written, or is there already.
    """
    stem = Path(data).stem
    path = Path(output or f"{stem}.toml")
    if os.path.lexists(path):
        raise SpecError(f"{path} is there already; allowed: a new file, as --output NAME.toml")
    guessed = guess(read_table(data, Path()))
    text = _text(_source(data, path.parent), _name(stem), guessed)
    try:
        files.write(path, text.encode())
    except UnicodeEncodeError:
        raise SpecError(f"the name of {data!r} is not UTF-8, as TOML is; allowed: UTF-8") from None
    except OSError as error:
        raise SpecError(f"cannot write {path}: {error.strerror}; allowed: --output FILE") from None
    return path, list(guessed.reasons)


def _source(data: str, folder: Path) -> str:
    """The data as seen from the spec's folder."""
    if data in DATASETS:
        return data
    path = os.path.join(os.path.realpath(Path(data).parent), Path(data).name)  # noqa: PTH118
    return os.path.relpath(path, os.path.realpath(folder))


def _name(stem: str) -> str:
    """A stem as a plain folder name."""
    plain = "".join(c if c.isprintable() and c not in "/\\" else "-" for c in stem)
    plain = plain.encode()[:200].decode(errors="ignore")
    return plain.strip().lstrip(".").strip() or "study"


def _text(source: str, name: str, guessed: Guess) -> str:
    lloyd, record, reference, render = Lloyd(), Record(), Reference(), Render()
    truth = f"truth = {_literal(guessed.truth)}" if guessed.truth else '# truth = "label"'
    return "\n".join(
        [
            "# How much does the start of k-means matter in these data?",
            "# `kmeans-lab plan` on this file tells what it would take to know, `run` finds out.",
            "",
            _line("name", name, "the folder's name under results/"),
            _line(
                "runs",
                Spec.runs,
                'starts in each cell; "auto": enough; "all": each of random',
            ),
            _line("seed", Spec.seed, "the first seed"),
            _commented(f"# budget = {BUDGET}", 'seconds that runs = "auto" may take'),
            "",
            _commented("[[data]]", "one table, or more"),
            _line("source", source, "built-in name, or path from here: .csv, .parquet, .npy"),
            _line("name", name, "what results call it; unique in a spec"),
            _line("columns", guessed.columns, "names, or indices from 0; default: numeric ones"),
            _commented(truth, "labels, never shown to k-means; optional"),
            _line("scale", guessed.scale, " | ".join(SCALES)),
            _commented(
                f"# best_known = {{ {guessed.k[0]} = 37.05 }}", "lowest inertia known, by k"
            ),
            _commented("# points = 150", 'rows; the stored spec says so with runs = "all"'),
            "",
            "[grid]",
            _line("k", guessed.k, "numbers of clusters"),
            _line(
                "init", ("random", "k-means++"), '`kmeans-lab inits` lists all; "module:function"'
            ),
            "",
            "[lloyd]",
            _line("max_iter", lloyd.max_iter, "most steps of a start"),
            _line("tol", lloyd.tol, "above 0: stop at shifts below tol × mean variance"),
            _line("empty", lloyd.empty, "what an empty cluster does: " + " | ".join(EMPTY)),
            "",
            "[record]",
            _line("steps", record.steps, "false: outcomes only; any start can be replayed"),
            _line("labels", record.labels, " | ".join((*LABELS, AUTO)) + "; all: every step's"),
            _line("silhouette", record.silhouette, " | ".join((*SILHOUETTES, AUTO))),
            "",
            "[reference]",
            _line("seconds", reference.seconds, "of search for a better inertia; 0: none"),
            "",
            "[render]",
            _line("pick", render.pick, " | ".join((*PICKS, "seed=N", "run=N", "optimum=N"))),
            _line("format", render.format, " | ".join(FORMATS)),
            "",
        ]
    )


def _line(key: str, value: Any, comment: str) -> str:
    if not isinstance(value, tuple):
        return _commented(f"{key} = {_literal(value)}", comment)
    items = [_literal(item) for item in value]
    line = f"{key} = [{', '.join(items)}]"
    if len(line) > WIDTH:
        line = f"{key} = [\n" + "".join(f"    {item},\n" for item in items) + "]"
    return _commented(line, comment)


def _commented(line: str, comment: str) -> str:
    """What a line means, behind it or, where it is long, above it."""
    beside = f"{line:<{COLUMN}} # {comment}"
    return beside if len(beside) <= WIDTH and "\n" not in line else f"# {comment}\n{line}"


def _literal(value: Any) -> str:
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")
