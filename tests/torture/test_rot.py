"""No damaged byte goes unnoticed."""

import numpy as np
import pytest

from kmeans_lab.errors import RunError
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from studies import bits, block_of, files_in, write_points, write_spec

pytestmark = pytest.mark.torture


def _reads(store, path, whole):
    """Whether a study reads as before; else the error names the damaged file."""
    try:
        found = bits(store.folder)
    except RunError as error:
        told = str(error)
    else:
        assert found == whole, path
        return True
    assert str(path) in told or path.name == "checksums.txt"
    return False


def test_no_flipped_bit_goes_unnoticed_or_changes_a_number(tmp_path, rng, monkeypatch, tally):
    write_points(tmp_path, rng)
    block_of(monkeypatch, 3)
    store = Store(runner.run(write_spec(tmp_path, runs=6, k=[3]), results=tmp_path))
    whole = bits(store.folder)
    told = flips = 0
    for name, data in files_in(store.folder).items():
        path = store.folder / name
        for bit in rng.choice(8 * len(data), size=min(200, 8 * len(data)), replace=False):
            flipped = np.frombuffer(data, np.uint8).copy()
            flipped[bit // 8] ^= 1 << (bit % 8)
            path.write_bytes(flipped.tobytes())
            assert store.verify(), (name, bit)
            flips += 1
            told += not _reads(store, path, whole)
        path.write_bytes(data)
    assert told > 500
    tally("bits flipped and named by verify", flips)
    tally("of them told by the reader, the others harmless", told)
