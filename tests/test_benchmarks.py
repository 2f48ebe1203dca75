"""The benchmark's data: what its tables say of them, also where the reference files are missing."""

import importlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).parents[1] / "benchmarks" / "workloads.py"
SHAPES = {
    "iris2": (150, 2),
    "s1": (5000, 2),
    "birch1": (100_000, 2),
    "digits": (1797, 64),
    "blobs16": (200_000, 16),
}


@pytest.fixture
def workloads(monkeypatch, tmp_path):
    """The module, with no reference data beside the checkout."""
    spec = importlib.util.spec_from_file_location("workloads", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SHARED", tmp_path)
    return module


@pytest.mark.parametrize("name", SHAPES)
def test_stand_ins_have_the_shape_of_the_reference(workloads, name):
    X = workloads.points(name)
    assert X.shape == SHAPES[name]
    assert X.dtype == np.float64
    assert X.flags.c_contiguous


def test_first_centers_are_the_seeds_own(workloads):
    n, k = 5000, 15
    rows = workloads.first_indices("s1", 3)
    expected = [np.random.default_rng(seed).choice(n, size=k, replace=False) for seed in range(3)]
    np.testing.assert_array_equal(rows, expected)


def test_every_missed_figure_has_its_reason_or_says_that_it_has_none(monkeypatch):
    monkeypatch.syspath_prepend(str(SOURCE.parent))
    report = importlib.import_module("report")
    figures = [
        report.Figure("iris2, kernels", "", value, target)
        for value, target in ((7.0, 130), (140.0, 130))
    ]
    figures += [report.Figure("no such figure", "", 1.0, 2), report.Figure("no target", "", 1.0)]
    heading, known, unknown = report.missed(figures)
    assert heading.startswith("## What was missed")
    assert known.startswith("**iris2, kernels.** 130 times would be")
    assert unknown == "**no such figure.** Not looked into yet.\n"
    assert report.missed(figures[1:2]) == []
