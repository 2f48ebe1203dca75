"""Faults planted on purpose: every one of tests/mutants/*.patch fails the tests that it names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = sorted((ROOT / "tests" / "mutants").glob("*.patch"))
CHEAP = "newer-studies-read"  # caught in a second


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


def checked(folder, patch, **more):
    """Whether the tests that a mutant names pass."""
    named = patch.read_text().splitlines()[1].removeprefix("Caught by: ").split()
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *named]
    environment = os.environ | {"PYTHONPATH": str(folder)} | more
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


def caught(folder, patch, kernels):
    """Whether the tests that a mutant names fail once it is planted.

    kernels: a folder for broken kernels, which are not kept where sound ones are.
    """
    broken(folder, patch)
    apart = (
        {"KMEANS_LAB_CACHE": str(kernels)} if "b/kmeans_lab/kernels" in patch.read_text() else {}
    )
    return checked(folder, patch, **apart).returncode == 1


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


def test_every_mutant_still_finds_its_place(copied):
    for patch in MUTANTS:
        subprocess.run(["git", "apply", "--check", patch], cwd=copied, check=True)
    assert len(MUTANTS) > 9


def test_a_cheap_mutant_is_caught(copied, kernels):
    (patch,) = (patch for patch in MUTANTS if patch.stem == CHEAP)
    assert caught(copied, patch, kernels)


@pytest.mark.torture
@pytest.mark.parametrize("patch", MUTANTS, ids=lambda path: path.stem)
def test_a_mutant_is_caught(copied, patch, kernels, tally):
    whole = checked(copied, patch)
    assert whole.returncode == 0, whole.stdout.decode()
    assert caught(copied, patch, kernels)
    tally(f"mutants caught, {patch.stem}", 1)
