"""Faults planted on purpose: every one of tests/mutants/*.patch fails the tests that it names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = sorted((ROOT / "tests" / "mutants").glob("*.patch"))


@pytest.fixture
def copied(tmp_path):
    """The package and its tests, to be broken."""
    for name in ("kmeans_lab", "tests", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    return tmp_path


def broken(folder, patch):
    """Plant a fault."""
    subprocess.run(["git", "apply", patch], cwd=folder, check=True)


def checked(folder, patch):
    """Whether the tests that a mutant names pass."""
    named = patch.read_text().splitlines()[1].removeprefix("Caught by: ").split()
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *named]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def test_every_mutant_still_finds_its_place(copied):
    for patch in MUTANTS:
        subprocess.run(["git", "apply", "--check", patch], cwd=copied, check=True)
    assert len(MUTANTS) > 9


@pytest.mark.torture
@pytest.mark.parametrize("patch", MUTANTS, ids=lambda path: path.stem)
def test_a_mutant_is_caught(copied, patch, tally):
    whole = checked(copied, patch)
    assert whole.returncode == 0, whole.stdout.decode()
    broken(copied, patch)
    assert checked(copied, patch).returncode == 1
    tally(f"mutants caught, {patch.stem}", 1)
