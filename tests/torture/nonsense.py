"""A study's files as a broken disk, a careless script or an enemy would leave them."""

import io
import json
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kmeans_lab.store.checksums import Checksums

WORDS = ("", "\0", "../../x", "/x", "</script>", "\u202e", "花", "$x$", "iris", "9" * 400, "{" * 99)
NUMBERS = (0, -1, 1, 2, 255, 2**31 - 1, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63))
FLOATS = (np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7e308, -1.0)
VALUES = (None, True, [], {}, [[]], 1e400, float("nan"), 10**30, *NUMBERS[:5], *WORDS)
OUTSIDE = ("../../out/kept", "runs/../../../out/kept.parquet", "renders/../../../out/kept.gif")
DEEP = b"[" * 100_000


def nonsense(name, data, rng):
    """Another content of a file: bytes that nobody wrote, or a whole file of senseless values."""
    kinds = [_bytes]
    if name.endswith(".parquet"):
        kinds += [_end, _columns] if "schema" in name else [_end, _columns, _cells, _cells, _rows]
    if name.endswith(".json"):
        kinds += [_value, _value, _value, _deep]
    if name == "checksums.txt":
        kinds += [_lines, _lines]
    return kinds[rng.integers(len(kinds))](data, rng)


def signed(folder, how):
    """Let checksums.txt list every file's bytes as they are, or be gone, or be as it was."""
    path = folder / "checksums.txt"
    if how == "gone":
        path.unlink(missing_ok=True)
    if how == "signed" and path.exists():
        names = [name for name in Checksums(path).read()[0] if (folder / name).is_file()]
        lines = [f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        path.write_text("".join(lines))


def _bytes(data, rng, least=0):
    """Bits flipped, a piece gone, doubled, of zeros or of anything."""
    begin, end = np.sort(rng.integers(least, len(data) + 1, 2)).tolist()
    piece = data[begin:end]
    flipped = np.frombuffer(data, np.uint8).copy()
    at = rng.integers(least, len(data), rng.integers(1, 9))
    flipped[at] ^= (1 << rng.integers(0, 8, len(at))).astype(np.uint8)
    anything = rng.integers(0, 256, len(piece), np.uint8).tobytes()
    put = [b"", piece * 2, bytes(len(piece)), anything, DEEP][rng.integers(5)]
    return flipped.tobytes() if rng.random() < 0.6 else data[:begin] + put + data[end:]


def _end(data, rng):
    """Bits of a Parquet file's footer, which tells where everything is."""
    length = int.from_bytes(data[-8:-4], "little")
    return _bytes(data, rng, max(0, len(data) - 8 - length))


def _deep(data, rng):
    return DEEP


def _table(data):
    return pq.ParquetFile(io.BytesIO(data)).read()


def _packed(table):
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue()


def _cells(data, rng):
    """Some values of one column are others of its type, or null."""
    table = _table(data)
    place = int(rng.integers(table.num_columns))
    column = table.column(place)
    values = column.to_pylist()
    for row in rng.choice(len(values), min(len(values), rng.integers(1, 4)), replace=False):
        values[row] = _other(column.type, values[row], rng)
    return _packed(table.set_column(place, table.field(place), pa.array(values, column.type)))


def _other(kind, value, rng):
    if rng.random() < 0.3:
        return None
    if pa.types.is_list(kind):
        return [[], [1.0], [float("nan")] * len(value or []), [None], (value or []) * 2][
            rng.integers(5)
        ]
    if pa.types.is_binary(kind):
        return [b"", b"\xff" * len(value or b""), b"\0", (value or b"") * 2][rng.integers(4)]
    if pa.types.is_string(kind):
        return WORDS[rng.integers(len(WORDS))]
    if pa.types.is_floating(kind):
        return FLOATS[rng.integers(len(FLOATS))]
    if pa.types.is_boolean(kind):
        return bool(rng.integers(2))
    fits = [number for number in NUMBERS if abs(number) < 2 ** (kind.bit_width - 1)]
    return fits[rng.integers(len(fits))]


def _columns(data, rng):
    """A column gone, doubled, renamed, of another type, or a footer without what it said."""
    table = _table(data)
    place = int(rng.integers(table.num_columns))
    name = table.column_names[place]
    names = [WORDS[rng.integers(len(WORDS))] if n == name else n for n in table.column_names]
    return _packed(
        [
            table.remove_column(place),
            table.append_column(name, table.column(place)),
            table.rename_columns(names),
            table.set_column(place, name, pa.nulls(len(table), pa.string())),
            table.set_column(place, name, pa.nulls(len(table), table.column(place).type)),
            table.replace_schema_metadata({"kmeans_lab": json.dumps(VALUES[rng.integers(9)])}),
        ][rng.integers(6)]
    )


def _rows(data, rng):
    """Rows gone, twice or in another order."""
    table = _table(data)
    return _packed(table.take(pa.array(rng.integers(0, len(table), rng.integers(0, len(table))))))


def _value(data, rng):
    """One value of a JSON file, at any depth, is another, or gone."""
    whole = json.loads(data)
    at, key = whole, None
    while isinstance(at, dict | list) and at and (key is None or rng.random() < 0.6):
        inside, key = at, [*at][rng.integers(len(at))] if isinstance(at, dict) else 0
        at = inside[key]
    if rng.random() < 0.2:
        del inside[key]
    else:
        inside[key] = VALUES[rng.integers(len(VALUES))]
    return json.dumps(whole).encode()


def _lines(data, rng):
    """Lines of paths that are elsewhere."""
    name = OUTSIDE[rng.integers(len(OUTSIDE))]
    return data + f"{'0' * 64}  {name}\n".encode() * int(rng.integers(1, 3))
