"""Published figures beside ours: how a difference is counted, that each far one is explained."""

import math
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from kmeans_lab.spec.spec import read

FOLDER = Path(__file__).parents[1] / "experiments" / "reproductions"
loaded = spec_from_file_location("reproduce", FOLDER / "reproduce.py")
reproduce = module_from_spec(loaded)
loaded.loader.exec_module(reproduce)
APART, Row, rounding_of = reproduce.APART, reproduce.Row, reproduce.rounding_of


def row(published, ours, spread=2.0, starts=100, size=100, rounding=0.0):
    return Row("s1", "random", "steps", published, starts, ours, spread, size, rounding)


def test_a_difference_is_counted_in_its_standard_errors():
    assert row(10.0, 11.0).errors == pytest.approx(1 / (2.0 * math.sqrt(0.02)))
    assert row(10.0, 9.0).errors == -row(10.0, 11.0).errors


def test_what_the_print_rounded_away_is_no_difference():
    assert row(10.0, 10.4, rounding=0.5).errors == 0
    assert row(10.0, 10.5, spread=0.0, rounding=0.1).errors == math.inf


@pytest.mark.parametrize(("text", "half"), [("18.9", 0.05), ("2", 0.5), ("1.52348e02", 0.0005)])
def test_half_of_the_last_digit_that_was_printed(text, half):
    assert rounding_of(text) == pytest.approx(half)


@pytest.mark.parametrize("spec", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_spec_is_one(spec):
    assert read(spec).name == f"reproduce-{spec.stem}"


def test_the_page_explains_every_init_that_is_far():
    lines = (FOLDER / "REPRODUCTIONS.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if re.match(r"\| [a-z0-9-]+ \| ", line)]
    rows = [each for each in rows if len(each) == 6 and each[0] not in ("data", "---")]
    explained = set(re.findall(r"^\*\*([a-z-]+)\.\*\*", "\n".join(lines), re.MULTILINE))
    assert len(rows) > 150
    for data, init, *_, errors in rows:
        assert ("far" in errors) == (abs(float(errors.split()[0])) > APART)
        assert "far" not in errors or init in explained, (data, init)
