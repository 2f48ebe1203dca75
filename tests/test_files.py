"""Files that are whole or not there, the order of their making, checksums, the lock."""

import os
import tempfile
import threading
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kmeans_lab import files
from kmeans_lab.errors import RunError
from kmeans_lab.store.checksums import Checksums
from kmeans_lab.store.store import Store

NONE = "0" * 64


def refuse(*_):
    raise OSError(28, "No space left on device")


@pytest.fixture
def calls(monkeypatch):
    """What happens on disk, in its order: file or folder made durable, and names given."""
    told = []
    fsync, replace = os.fsync, Path.replace

    def durable(descriptor):
        path = Path(f"/dev/fd/{descriptor}").resolve()
        told.append(("folder" if path.is_dir() else "file", path.name))
        fsync(descriptor)

    def named(path, target):
        told.append(("name", Path(target).name))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", durable)
    monkeypatch.setattr(Path, "replace", named)
    return told


def test_a_file_is_durable_before_its_name_and_its_name_before_the_end(tmp_path, calls):
    files.write(tmp_path / "a.txt", b"whole")
    kinds = [kind for kind, _ in calls]
    assert kinds == ["file", "name", "folder"]
    assert calls[0][1].startswith(".tmp-")
    assert calls[2][1] == tmp_path.name


def test_write_gives_the_checksum_and_leaves_nothing_else(tmp_path):
    digest = files.write(tmp_path / "a.txt", b"whole")
    assert digest == files.sha256(tmp_path / "a.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_what_fails_leaves_the_file_of_before(tmp_path, monkeypatch, at):
    files.write(tmp_path / "a.txt", b"before")
    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[at], refuse)
    with pytest.raises(OSError, match="No space"):
        files.write(tmp_path / "a.txt", b"after")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"before"


def test_a_refusing_disk_is_told_with_the_path_and_what_helps(tmp_path):
    path = tmp_path / "missing" / "a.txt"
    advice = r"a\.txt: No such file.*what is finished stays.*run again"
    with pytest.raises(RunError, match=advice), files.advised(path):
        files.write(path, b"")


def test_checksums_are_what_sha256sum_reads(tmp_path):
    listed = Checksums(tmp_path / "checksums.txt")
    listed.add({"runs/a b.parquet": files.write(tmp_path / "a", b"")})
    text = (tmp_path / "checksums.txt").read_text()
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert text == f"{empty}  runs/a b.parquet\n"


def test_a_path_is_listed_once_with_its_last_checksum(tmp_path):
    listed = Checksums(tmp_path / "checksums.txt")
    listed.add({"a": "1" * 64, "b": "2" * 64})
    listed.add({"a": "3" * 64})
    assert listed.read() == ({"a": "3" * 64, "b": "2" * 64}, [])
    listed.remove(["a", "never there"])
    assert listed.read() == ({"b": "2" * 64}, [])
    assert len((tmp_path / "checksums.txt").read_text().splitlines()) == 1


def test_while_a_file_is_replaced_both_its_checksums_are_right(tmp_path):
    listed, path = Checksums(tmp_path / "checksums.txt"), tmp_path / "a"
    listed.add({"a": (before := files.write(path, b"before"))})
    listed.expect("a", after := sha256(b"after").hexdigest())
    assert (listed.read(), listed.broken(path)) == (({"a": before}, []), False)
    files.write(path, b"after")
    assert (listed.read(), listed.broken(path)) == (({"a": after}, []), False)
    files.write(path, b"other")
    assert listed.broken(path)
    listed.add({"a": after})
    assert listed.of("a") == [after]


def test_a_line_for_which_there_is_no_room_leaves_none(tmp_path, monkeypatch):
    listed = Checksums(tmp_path / "checksums.txt")
    listed.add({"a": NONE})
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RunError, match="No space left"):
        listed.add({"b": NONE})
    assert listed.read() == ({"a": NONE}, [])


def test_a_list_torn_at_any_byte_keeps_its_whole_lines(tmp_path):
    listed = Checksums(tmp_path / "checksums.txt")
    listed.add({name: digit * 64 for name, digit in zip("abc", "123", strict=True)})
    whole = (tmp_path / "checksums.txt").read_bytes()
    line = len(whole) // 3
    for length in range(len(whole)):
        (tmp_path / "checksums.txt").write_bytes(whole[:length])
        kept, bad = listed.read()
        assert [*kept] == [*"abc"[: length // line]]
        assert bool(bad) == bool(length % line)
        listed.add({"d": NONE})
        assert listed.read() == (kept | {"d": NONE}, [])


def test_changes_to_one_list_wait_for_each_other(tmp_path):
    lists = [Checksums(tmp_path / "checksums.txt") for _ in range(4)]

    def add(i):
        for j in range(25):
            lists[i].add({f"{i}-{j}": NONE, "shared": NONE})  # rewrites the file each time

    threads = [threading.Thread(target=add, args=[i]) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lists[0].read()[0].keys() == {f"{i}-{j}" for i in range(4) for j in range(25)} | {
        "shared"
    }


def test_a_folder_has_one_holder_and_is_free_again(tmp_path):
    assert not files.is_locked(tmp_path)
    with files.locked(tmp_path):
        assert files.is_locked(tmp_path)
        told = pytest.raises(RunError, match=rf"{tmp_path}.*in use.*process {os.getpid()}\)")
        with told, files.locked(tmp_path):
            pass
    assert not files.is_locked(tmp_path)
    with files.locked(tmp_path):
        pass


@pytest.mark.parametrize("shard", [None, "1-of-2"])
def test_the_next_writer_waits_for_the_last_worker_of_the_one_before(tmp_path, shard):
    (tmp_path / "runs").mkdir()
    store, order, asked = Store(tmp_path), [], threading.Event()
    lock = partial(store.lock_shard, shard) if shard else store.lock
    with lock(order.append):
        assert not order

    def say(line):
        order.append(line)
        asked.set()

    def next_run():
        with lock(say):
            order.append("next run")

    thread = threading.Thread(target=next_run)
    with store.at_work(shard), store.at_work(shard):
        thread.start()
        assert asked.wait(60)
        order.append("last block")
    thread.join()
    waiting = "workers of an earlier run are still at a block; waiting for them"
    assert order == [waiting, "last block", "next run"]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "remove", "torn", "gone"]),
        st.integers(0, 1),  # whose
        st.sampled_from("abcd"),
        st.sampled_from("123"),
    ),
    max_size=30,
)


@given(CHANGES)
@example(
    [("add", 0, name, "1") for name in "abc"]
    + [("remove", 1, "a", "1"), ("remove", 1, "b", "1"), ("add", 1, "d", "1"), ("add", 0, "d", "1")]
)
def test_two_who_change_one_list_know_of_each_other_s_lines(changes):
    with tempfile.TemporaryDirectory() as folder:
        path, known = Path(folder, "checksums.txt"), {}
        lists = [Checksums(path), Checksums(path)]
        for change, whose, name, digit in changes:
            if change == "add":
                lists[whose].add({name: digit * 64})
                known[name] = digit * 64
            elif change == "remove" and path.exists():
                lists[whose].remove([name])
                known.pop(name, None)
            elif change == "torn" and path.exists():
                path.write_bytes(path.read_bytes() + b"123")
                assert lists[whose].read()[1]
                lists[whose].add({"e": NONE})
                known["e"] = NONE
            elif change == "gone":
                path.unlink(missing_ok=True)
                known = {}
            assert lists[1 - whose].read() == (known, [])
        lines = path.read_text().splitlines() if path.exists() else []
        assert len(lines) == len(known)  # each once
