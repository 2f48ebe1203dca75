"""Whatever a spec says, it is a study or one line."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmeans_lab.errors import DataError, SpecError
from kmeans_lab.runner import runner

WHOLE = """name = "points"
runs = 3
seed = 0
[[data]]
source = "points.npy"
name = "points"
columns = [0, 1]
scale = "none"
best_known = { 2 = 1.5 }
[grid]
k = [2, 3]
init = ["random", "k-means++"]
[lloyd]
max_iter = 300
tol = 0.0
empty = "relocate"
[record]
steps = true
labels = "auto"
silhouette = "auto"
[render]
pick = ["best", "seed=1"]
format = ["html"]
"""
VALUES = (
    *("0", "-1", "1e400", "nan", "-inf", "true", '""', "[]", "{}", "[[]]", "1979-05-27", "0x10"),
    *('"auto"', '"all"', '"../x"', '"a\\u0000b"', '"</script>"', '"$x$"', '"花"', '"\\u202e"'),
    *("9223372036854775808", "1" * 400, '"' + "n" * 400 + '"', "[" * 90 + "]" * 90, "{ 2 = nan }"),
    *(
        '"iris"',
        '"points.npy"',
        '"no.csv"',
        '"os:system"',
        "[1, 'a']",
        "[2, 2]",
        "[0.5]",
        "'seed=x'",
    ),
)
VALUES_ST = st.sampled_from(VALUES)
CUT = st.integers(0, len(WHOLE))


def changed_values(draw):
    """A spec with other values in some of its lines, some lines twice or gone."""
    lines = WHOLE.splitlines()
    for at in draw(st.lists(st.integers(0, len(lines) - 1), min_size=1, max_size=3)):
        key, equals, _ = lines[at].partition("=")
        how = draw(st.sampled_from(["value", "value", "value", "twice", "gone", "key"]))
        if how == "value" and equals:
            lines[at] = f"{key}= {draw(VALUES_ST)}"
        elif how == "twice":
            lines[at] = f"{lines[at]}\n{lines[at]}"
        elif how == "key":
            lines[at] = f"{draw(st.text(max_size=4))}{lines[at]}"
        else:
            lines[at] = ""
    return "\n".join(lines)


def changed_letters(draw):
    """A spec with a piece cut out, and some text in its place."""
    begin, end = sorted((draw(CUT), draw(CUT)))
    return WHOLE[:begin] + draw(st.text(max_size=12)) + WHOLE[end:]


@st.composite
def specs(draw):
    return draw(st.sampled_from([changed_values, changed_letters]))(draw)


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "points.npy", np.arange(24.0).reshape(12, 2) ** 1.5)
    return tmp_path


def fuzzed(folder, examples):
    """How many specs were a study, and how many were refused."""
    path, told, lines = folder / "spec.toml", {"studies": 0}, []

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(specs())
    def read(text):
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            resolved, lacking = runner.preview(path, results=folder / "results")
        except (SpecError, DataError) as error:
            lines.append(str(error))
        else:
            assert lacking or not resolved.spec.data
            told["studies"] += 1

    read()
    assert not [line for line in lines if "\n" in line or len(line) > 2000]
    told["refused"] = len(lines)
    assert {each.name for each in folder.iterdir()} == {"points.npy", "spec.toml"}
    assert min(told.values()) > examples // 20
    return told


@pytest.mark.parametrize(
    "examples", [200, pytest.param(20_000, marks=pytest.mark.torture)], ids=["quick", "whole"]
)
def test_a_spec_is_a_study_or_one_line(folder, tally, examples):
    for what, count in fuzzed(folder, examples).items():
        tally(f"specs tried, {what}", count)
