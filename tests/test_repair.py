"""Repair: whatever file is damaged is made again, and nothing that is not."""

import shutil

import numpy as np
import pytest

from kmeans_lab import files, repair
from kmeans_lab.errors import RunError
from kmeans_lab.report import report
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from kmeans_lab.study import study
from studies import Watcher, bits, block_of, files_in, write_points, write_spec

RENDER = '[render]\npick = ["best"]\nformat = ["png", "html"]\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A spec; the files of its study, in blocks of 3, with report and films; the study's bits."""
    folder = tmp_path_factory.mktemp("made")
    write_points(folder, np.random.default_rng(20_261_123))
    spec = write_spec(folder, runs=8, k=[3], more=RENDER)
    with pytest.MonkeyPatch.context() as patch:
        block_of(patch, 3)
        done = study.open(runner.run(spec, results=folder / "results", jobs=1))
    done.render()
    report.build(done)
    assert not done.store.verify()
    return spec, files_in(done.folder), bits(done.folder)


@pytest.fixture
def copy(made, tmp_path):
    """The same study beside a copy of its spec and data, to be damaged."""
    spec, contents, _ = made
    for name in ("points.csv", "spec.toml"):
        (tmp_path / name).write_bytes((spec.parent / name).read_bytes())
    for name, data in contents.items():
        path = tmp_path / "results" / "small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Store(tmp_path / "results" / "small")


def damage(path, how):
    data = path.read_bytes()
    at = len(data) // 2
    if how == "flip":
        path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    elif how == "cut":
        path.write_bytes(data[:at])
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()


def mend(store):
    """Repair a study; gives the names of the blocks that were computed for it."""
    before = set(store.names())
    damages = store.verify()
    assert damages
    repair.repair(store, damages)
    assert not store.verify()
    return set(store.names()) - before


@pytest.mark.parametrize("how", ["flip", "cut", "delete"])
@pytest.mark.parametrize("kind", ["runs/", "steps/", "data/", "spec.toml", "study.json"])
def test_a_damaged_file_is_named_and_made_again_and_no_other(made, copy, monkeypatch, kind, how):
    _, contents, expected = made
    block_of(monkeypatch, 3)
    for name in [name for name in contents if name.startswith(kind)]:
        damage(copy.folder / name, how)
        assert [path for path, _ in copy.verify()] == [name]
        mend(copy)
        assert bits(copy.folder) == expected
        after = files_in(copy.folder)
        block = name.rpartition("/")[2] if "/c0" in name else name
        assert {n for n in contents if after.get(n) != contents[n] and block not in n} <= {
            "checksums.txt",
            *(["study.json"] if name == "study.json" else []),
        }
        if not name.startswith(("runs/c", "steps/c", "study")):
            assert after[name] == contents[name]
        for n, data in contents.items():  # as it was, for the next one
            (copy.folder / n).write_bytes(data)


@pytest.mark.parametrize("how", ["flip", "delete"])
def test_a_damaged_list_of_checksums_is_made_again(made, copy, monkeypatch, how):
    _, contents, expected = made
    monkeypatch.setattr(runner, "block_size", None)  # no start is computed
    damage(copy.folder / "checksums.txt", how)
    mend(copy)
    after = files_in(copy.folder)
    assert bits(copy.folder) == expected
    listed = [
        {*text.decode().splitlines()}
        for text in (contents["checksums.txt"], after["checksums.txt"])
    ]
    assert listed[0] == listed[1]


def test_a_bit_lost_by_a_line_convicts_the_list_and_not_the_file(made, copy, monkeypatch):
    """In the digest or in the path: no start is computed, and no file written but the list."""
    _, contents, _ = made
    monkeypatch.setattr(runner, "block_size", None)
    lines = contents["checksums.txt"].decode().splitlines()
    line = next(i for i, line in enumerate(lines) if "  runs/c" in line)
    begin = sum(len(line) + 1 for line in lines[:line])
    digit = next(at for at in range(begin, begin + 64) if contents["checksums.txt"][at] in b"02468")
    for at in (digit, begin + 80):  # still a digit, as 3 of 2
        data = bytearray(contents["checksums.txt"])
        data[at] ^= 1
        (copy.folder / "checksums.txt").write_bytes(data)
        assert {path for path, _ in copy.verify()} == {"checksums.txt"}
        mend(copy)
        after = files_in(copy.folder)
        assert sorted(after["checksums.txt"].splitlines()) == sorted(map(str.encode, lines))
        assert after | {"checksums.txt": b""} == contents | {"checksums.txt": b""}


@pytest.mark.parametrize(
    ("kind", "how"),
    [("report.html", "flip"), ("summary.json", "cut"), ("figures/", "delete"), (".png", "flip")],
)
def test_a_damaged_picture_is_drawn_again(made, copy, monkeypatch, kind, how):
    _, contents, _ = made
    monkeypatch.setattr(runner, "block_size", None)  # no start is computed
    name = next(name for name in contents if name.startswith(kind) or name.endswith(kind))
    damage(copy.folder / name, how)
    assert [path for path, _ in copy.verify()] == [name]
    mend(copy)
    after = files_in(copy.folder)
    assert after.keys() == contents.keys()
    assert after[name] == contents[name]
    assert {n for n in contents if after[n] != contents[n]} <= {"checksums.txt"}


def test_only_what_was_damaged_is_computed_of_an_unfinished_study(made, tmp_path, monkeypatch):
    spec, _, _ = made
    block_of(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        runner.run(spec, results=tmp_path, jobs=1, progress=Watcher(stop_after=2))
    store = Store(tmp_path / "small")
    before, done = bits(store.folder), store.done()
    assert len(done) < 16
    name = store.names()[0]
    damage(store.path("steps", name), "flip")
    assert mend(store) == set()
    assert np.array_equal(store.done(), done)
    assert bits(store.folder) == before
    assert store.spec().runs == 8


def test_a_spec_is_mended_with_its_later_runs_and_renders(tmp_path, rng):
    write_points(tmp_path, rng)
    runner.run(write_spec(tmp_path, runs=2, more=RENDER), results=tmp_path)
    folder = runner.run(write_spec(tmp_path, runs=30), results=tmp_path)
    text = (folder / "spec.toml").read_bytes()
    damage(folder / "spec.toml", "cut")
    assert mend(Store(folder)) == set()
    assert (folder / "spec.toml").read_bytes() == text


@pytest.mark.parametrize("name", ["runs", "steps", "data"])
def test_a_whole_folder_is_made_again(made, copy, name):
    shutil.rmtree(copy.folder / name)
    mend(copy)
    assert bits(copy.folder) == made[2]


def test_a_list_and_a_block_are_damaged_together(made, copy, monkeypatch):
    block_of(monkeypatch, 3)
    (copy.folder / "checksums.txt").unlink()
    damage(copy.path("steps", copy.names()[1]), "cut")
    mend(copy)
    assert bits(copy.folder) == made[2]


def test_many_blocks_are_damaged_together(made, copy):
    for name in copy.names()[::2]:
        damage(copy.path("runs", name), "cut")
    damage(copy.path("steps", copy.names()[1]), "delete")
    mend(copy)
    assert bits(copy.folder) == made[2]


def test_a_copied_block_is_taken_away_again(made, copy):
    name = copy.names()[0]
    for table in ("runs", "steps"):
        copy.path(table, f"{name} copy").write_bytes(copy.path(table, name).read_bytes())
    mend(copy)
    assert bits(copy.folder) == made[2]
    assert f"{name} copy" not in copy.names()


def test_what_is_no_file_of_the_study_is_left_to_the_user(copy):
    (copy.folder / "runs" / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match=r"runs/notes\.txt cannot be repaired: .*remove it"):
        repair.repair(copy, copy.verify())
    assert (copy.folder / "runs" / "notes.txt").read_text() == "mine"


def test_data_whose_source_is_another_now_are_not_put_in_their_place(made, copy):
    source = copy.folder.parent.parent / "points.csv"
    source.write_text(source.read_text().replace("a\n", "b\n"))
    damage(copy.folder / "data" / "points.parquet", "flip")
    with pytest.raises(RunError, match="source of 'points' is not what the study began with"):
        repair.repair(copy, copy.verify())
    source.unlink()
    with pytest.raises(RunError, match=r"cannot be had again: .*points\.csv"):
        repair.repair(copy, copy.verify())


def test_a_study_that_lost_both_its_descriptions_is_not_guessed_at(copy):
    damage(copy.folder / "spec.toml", "delete")
    damage(copy.folder / "study.json", "cut")
    with pytest.raises(RunError, match="lost both"):
        repair.repair(copy, copy.verify())


def test_a_study_at_work_is_not_repaired(copy):
    damage(copy.path("runs", copy.names()[0]), "cut")
    with files.locked(copy.folder), pytest.raises(RunError, match="in use"):
        repair.repair(copy, copy.verify())
