"""No damaged byte goes unnoticed, changes a number, or takes other starts with it."""

import warnings

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab import repair
from kmeans_lab.errors import RunError
from kmeans_lab.runner import workers
from studies import bits, block_of, files_in, write_points, write_spec

READ = ("runs/", "steps/", "data/", "study.json", "checksums.txt")  # what values come from


@pytest.fixture
def made(tmp_path, rng, monkeypatch):
    """The store of a finished study of two blocks, and its files."""
    write_points(tmp_path, rng, n=40)
    block_of(monkeypatch, 3)
    render = '[render]\npick = ["best"]\nformat = ["gif"]\n'
    spec = write_spec(tmp_path, runs=6, k=[3], init=["random"], more=render)
    study = kl.run(spec, results=tmp_path, jobs=1)
    return study.store, files_in(study.folder)


def flips(data, rng, most):
    """The file with one bit changed, again and again."""
    for bit in rng.choice(8 * len(data), size=min(most, 8 * len(data)), replace=False):
        flipped = np.frombuffer(data, np.uint8).copy()
        flipped[bit // 8] ^= 1 << (bit % 8)
        yield flipped.tobytes()


def cuts(data):
    """The file cut off at several places, and gone."""
    return dict.fromkeys([data[:size] for size in (0, 1, len(data) // 2, len(data) - 1)]) | {
        None: None
    }


def put(path, data):
    """Let the file be `data`; None: not be there."""
    path.unlink(missing_ok=True)
    if data is not None:
        path.write_bytes(data)


def _reads(store, path, whole):
    """Nothing where a study reads as before; else what its reader said."""
    try:
        found = bits(store.folder), repr(store.dataset("points")), repr(store.spec())
    except RunError as error:
        return str(error)
    assert found == whole, path
    return ""


def damaged_everywhere(made, rng, most, tally):
    store, contents = made
    whole = bits(store.folder), repr(store.dataset("points")), repr(store.spec())
    flipped = cut = told = 0
    for name, data in contents.items():
        path = store.folder / name
        for kind, versions in (("flip", flips(data, rng, most)), ("cut", cuts(data))):
            for version in versions:
                put(path, version)
                found = {damage.path for damage in store.verify()}
                assert name in found or (name == "checksums.txt" and found), (name, kind)
                if name.startswith(READ) and (kind == "flip" or version):
                    said = _reads(store, path, whole)
                    assert not said or str(path) in said or name == "checksums.txt"
                    told += bool(said)
                flipped, cut = flipped + (kind == "flip"), cut + (kind == "cut")
        put(path, data)
    assert not store.verify()
    assert told > 5 * most
    tally("bits flipped, each named by verify", flipped)
    tally("files cut or deleted, each named by verify", cut)
    tally("of these told by the reader too, the others harmless", told)


def test_some_flipped_bits_and_all_cuts(made, rng, tally):
    damaged_everywhere(made, rng, 4, tally)


@pytest.mark.torture
def test_no_flipped_bit_or_cut_goes_unnoticed_or_changes_a_number(made, rng, tally):
    """Of a study with report and animation too."""
    store, _ = made
    kl.run(store.folder / "spec.toml", results=store.folder.parent, report=True)
    damaged_everywhere((store, files_in(store.folder)), rng, 200, tally)


@pytest.mark.parametrize("table", ["runs", "steps"])
def test_blocks_in_each_other_s_place(made, table):
    store, contents = made
    first, second = (f"{table}/{name}.parquet" for name in store.names())
    put(store.folder / first, contents[second])
    assert {damage.path for damage in store.verify()} == {first}
    put(store.folder / second, contents[first])
    assert {damage.path for damage in store.verify()} == {first, second}
    with pytest.raises(RunError, match="is damaged"):
        bits(store.folder)


def test_the_other_starts_load_and_what_is_damaged_is_made_again_and_no_more(
    made, rng, tally, monkeypatch
):
    """Whatever happens to a block: the same bits, and no other file is touched."""
    store, contents = made
    whole, rows = bits(store.folder), store.runs().drop_columns("seconds").to_pylist()
    computed = []
    compute = workers.compute
    monkeypatch.setattr(
        workers, "compute", lambda *asked: [computed.extend(asked[3]), compute(*asked)][1]
    )
    times = 0
    for name in (
        f"{table}/{name}.parquet" for table in ("runs", "steps") for name in store.names()
    ):
        for version in [*cuts(contents[name]), next(flips(contents[name], rng, 1))]:
            lost = store.ids(name.partition("/")[2].removesuffix(".parquet")).tolist()
            before = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*.parquet")}
            put(store.folder / name, version)
            if name.startswith("runs/") and version is not None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", UserWarning)
                    there = kl.open(store.folder).runs["run"].tolist()
                assert there == [row["run"] for row in rows if row["run"] not in lost]
            computed.clear()
            repair.repair(store, store.verify())
            assert sorted(computed) == lost
            assert bits(store.folder) == whole
            after = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*.parquet")}
            assert {path.stem for path in before if before[path] != after[path]} == {
                name.partition("/")[2].removesuffix(".parquet")
            }
            times += 1
    tally("blocks damaged and made again, to the same bits", times)
