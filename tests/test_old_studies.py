"""Studies of every form so far are read, continued, verified and reported; newer ones refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.cli import main
from kmeans_lab.errors import SpecError
from kmeans_lab.store.store import Store
from kmeans_lab.trace.tables import SCHEMA_VERSION
from studies import digests, files_in

HERE = Path(__file__).parent / "old_studies"
FORMS = sorted(path.parent.name for path in HERE.glob("*/study.json"))
STARTS, CELLS = 24, 4
EXPECTED = json.loads((HERE / "expected.json").read_text())
LATER = ("seconds", "init_distances")  # not recorded by every form


def written(folder):
    """A digest of what an old study says of each start."""
    return digests(folder, LATER)


def lasting(folder):
    """The same but for the silhouette, of which 1e-10 is promised: alike in every version."""
    return digests(folder, (*LATER, "silhouette"))


def silhouettes(folder):
    return np.array(Store(folder).runs()["silhouette"])


@pytest.fixture(params=FORMS)
def form(request):
    """What a folder of an old study is called."""
    return request.param


@pytest.fixture
def old(form, tmp_path):
    """A copy of an old study, its spec and data beside it as they were."""
    for name in ("spec.toml", "points.csv"):
        shutil.copy(HERE / name, tmp_path)
    return Path(shutil.copytree(HERE / form, tmp_path / "old"))


def test_every_form_is_here_and_what_is_expected_of_it():
    assert [name.partition("-")[0] for name in FORMS] == ["1"] * 3
    assert SCHEMA_VERSION == 1, "add a study of the new version: tests/old_studies/README.md"
    assert [*EXPECTED] == FORMS
    assert [len(EXPECTED[form]) for form in FORMS] == [STARTS] * 3
    first, *others = [lasting(HERE / form) for form in FORMS]
    assert all(other == first for other in others)
    here = [Store(HERE / form).runs().column("init_distances").null_count for form in FORMS]
    assert here == [0, STARTS, 0]
    assert [len(Store(HERE / form).reference()) for form in FORMS] == [0, 0, 2]


def test_an_old_study_is_read_and_verified_as_it_is(form, old):
    before = files_in(old)
    assert written(old) == EXPECTED[form]
    study = kl.open(old)
    assert len(study.summary()) == CELLS
    assert len(study.trace(run=5)) == 2 * len(study.steps.query("run == 5")) + 2
    assert main(["status", str(old)]) == 0
    assert main(["verify", str(old)]) == 0
    assert files_in(old) == before


def test_an_old_study_gains_starts_and_loses_none(form, old, tmp_path, tally):
    before, spec = files_in(old), tmp_path / "spec.toml"
    kl.run(spec, results=tmp_path, runs=7, jobs=1)
    kl.run(old / "spec.toml", results=tmp_path, runs=9, jobs=1)  # as it was resolved then
    said, after = written(old), files_in(old)
    assert {start: said[start] for start in EXPECTED[form]} == EXPECTED[form]
    tables = [name for name in before if name.endswith(".parquet")]
    assert [after[name] for name in tables] == [before[name] for name in tables]
    new = kl.run(spec, results=tmp_path / "new", runs=9, jobs=1).folder
    assert lasting(old) == lasting(new)
    assert np.abs(silhouettes(old) - silhouettes(new)).max() < 1e-10
    assert not Store(old).verify()
    tally(f"starts of an old study continued, {form}", len(said))


def test_a_lost_block_of_an_old_study_is_made_again(old):
    expected = lasting(old)
    (old / "runs" / f"{Store(old).names()[1]}.parquet").write_bytes(b"PAR1")
    assert main(["verify", str(old), "--repair"]) == 0
    assert lasting(old) == expected
    assert not Store(old).verify()


@pytest.mark.torture
def test_an_old_study_is_reported(form, old, tally):
    assert main(["report", str(old)]) == 0
    said = json.loads((old / "summary.json").read_text())
    assert (said["schema_version"], len(said["cells"])) == (SCHEMA_VERSION, CELLS)
    assert written(old) == EXPECTED[form]
    assert not Store(old).verify()
    tally(f"old studies reported, {form}", 1)


COMMANDS = [
    ["status", "old"],
    ["run", "spec.toml", "--results", "."],
    ["run", "spec.toml", "--results", ".", "--runs", "9", "--retry"],
    ["run", "spec.toml", "--results", ".", "--shard", "1/2"],
    ["run", "old/spec.toml", "--results", "."],
    ["plan", "spec.toml", "--results", "."],
    ["report", "old"],
    ["render", "old", "worst"],
    ["portrait", "old"],
    ["reference", "old"],
    ["verify", "old"],
    ["verify", "old", "--repair"],
    ["compare", "old"],
]


@pytest.mark.parametrize("form", FORMS[-1:])
def test_a_study_of_a_newer_version_is_refused_and_left_alone(old, monkeypatch, capsys, tally):
    monkeypatch.chdir(old.parent)
    about = json.loads((old / "study.json").read_text()) | {"schema_version": SCHEMA_VERSION + 1}
    (old / "study.json").write_text(json.dumps(about))
    Store(old).record(old / "study.json")
    before = files_in(old.parent)
    for command in COMMANDS:
        assert main(command) == 2, command
        said = capsys.readouterr()
        assert not said.out
        assert said.err.count("\n") == 1, command
        assert "has schema_version 2; this kmeans_lab reads up to 1: upgrade it" in said.err
        assert files_in(old.parent) == before, command
    for call in (kl.open, kl.compare, lambda folder: kl.run(folder / "spec.toml", results=".")):
        with pytest.raises(SpecError, match="has schema_version 2"):
            call(old)
        assert files_in(old.parent) == before
    tally("ways into a newer study, each refused", len(COMMANDS) + 3)
