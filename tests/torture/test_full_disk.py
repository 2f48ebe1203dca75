"""A disk of some kilobytes is full in the midst of a run, and nothing is lost or half there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kmeans_lab.runner import runner
from studies import bits, write_points, write_spec
from test_disk import survived

HERE = Path(__file__).parent


@pytest.fixture
def spec(tmp_path, rng):
    """Forty starts in blocks of two, 160 kB in files of 4 kB."""
    write_points(tmp_path, rng, n=12)
    render = '[render]\npick = ["best"]\nformat = ["png"]\n'
    return write_spec(tmp_path, runs=40, k=[2], init=["random"], more=render)


def filled(namespace, spec, folder, sizes, *options):
    """What was told of the run on each disk, and the bits that it should have."""
    (disk := folder / "disk").mkdir()
    command = ["run", str(spec), "--results", str(disk), "--jobs", "1", *options]
    asked = json.dumps({"command": command, "disk": str(disk), "sizes": [*sizes]})
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*namespace, sys.executable, HERE / "full.py", asked],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    whole = bits(runner.run(spec, results=folder / "whole"))
    return [json.loads(line) for line in done.stdout.splitlines()], whole


def test_a_disk_of_64_kb_is_full_in_the_midst_of_a_run(namespace, spec, tmp_path, tally):
    cases, whole = filled(namespace, spec, tmp_path, [64], "--no-report")
    tally("disks full, of 64 kB", survived(cases, whole))


@pytest.mark.torture
def test_disks_of_every_size_are_full_somewhere_in_a_run(namespace, spec, tmp_path, tally):
    cases, whole = filled(namespace, spec, tmp_path, range(4, 999, 4), "--no-report")
    assert cases[-1]["code"] == 0
    tally("disks full, of 4 kB and more", survived(cases, whole))


@pytest.mark.torture
def test_disks_are_full_while_the_report_is_drawn(namespace, spec, tmp_path, tally):
    cases, whole = filled(namespace, spec, tmp_path, range(240, 9999, 120))
    assert cases[-1]["code"] == 0
    tally("disks full, in a report", survived(cases, whole))
