"""Files as tables, one reader a kind of file."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .columns import Column, Table, read_bytes, read_text, table
from .csvs import read_csv

__all__ = ["READERS", "read_csv", "read_npy", "read_parquet", "read_text"]


MAPPED = 64 << 20  # bytes from which a file is not read but mapped
ROWS = 1 << 16  # of a Parquet file that are looked at at a time


def read_npy(path: Path) -> Table:
    """An array (n, d) of real numbers, or (n,) for one feature, its columns called x0, x1, …

    Raises DataError for what is no such array; never unpickles.
    """
    data = None if _is_large(path) else read_bytes(path)
    try:
        if data is None:
            X = np.asarray(np.lib.format.open_memmap(path, mode="r"))
        else:
            X = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except Exception as problem:  # a damaged header fails in many ways, tokenize's among them
        reason = (str(problem).splitlines() or ["it is cut short"])[0]
        raise DataError(f"{path}: {reason}; allowed: a .npy file of real numbers") from None
    if X.dtype.kind not in "biuf":
        raise DataError(f"{path} holds {X.dtype} values; allowed: integers, floats or booleans")
    if X.ndim not in (1, 2):
        raise DataError(f"{path} has shape {X.shape}; allowed: (n, d), or (n,) for one feature")
    X = X[:, None] if X.ndim == 1 else X
    with np.errstate(over="ignore"):  # a long double beyond float64 is inf, for others to refuse
        points = np.ascontiguousarray(X, dtype=np.float64)
    columns = [Column(f"x{j}", points[:, j], X[:, j].tolist) for j in range(X.shape[1])]
    return table(str(path), len(X), columns, points=points)


def _is_large(path: Path) -> bool:
    try:
        return path.stat().st_size >= MAPPED
    except (OSError, ValueError):  # for who reads it to tell
        return False


def read_parquet(path: Path) -> Table:
    """The columns of a Parquet file; pandas' unnamed index is none of them.

    Raises DataError for what is no Parquet file.
    """
    import pyarrow as pa

    data = None if _is_large(path) else pa.py_buffer(read_bytes(path))
    try:
        return _columns_of(path, data)
    except (pa.ArrowException, OSError, ValueError) as problem:
        if isinstance(problem, DataError):
            raise
        reason = (str(problem).splitlines() or ["it is damaged"])[0]
        raise DataError(f"{path}: {reason}; allowed: a Parquet file") from None


def _opened(path: Path, data: Any) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.memory_map(str(path)) if data is None else pa.BufferReader(data))


def _columns_of(path: Path, data: Any) -> Table:
    """The columns of a file, or of its bytes; numbers are taken over some rows at a time."""
    import pyarrow as pa

    file = _opened(path, data)
    schema, n = file.schema_arrow, rows_of(file)
    kept = [j for j, name in enumerate(schema.names) if not name.startswith("__index_level_")]
    numeric = [j for j in kept if _is_numeric(schema.field(j).type)]
    points, start = np.empty((n, len(numeric))), 0
    chunks: dict[int, list[Any]] = {j: [] for j in kept}
    for batch in file.iter_batches(ROWS):
        for place, j in enumerate(numeric):
            points[start : start + len(batch), place] = _as_numbers(batch.column(j))
        for j in set(kept) - set(numeric):
            chunks[j].append(batch.column(j))
        start += len(batch)
    if start != n:
        raise ValueError(f"{start} rows of {n} are there")

    def cells(j: int) -> Any:
        if j in numeric:
            try:
                return _opened(path, data).read().column(j).to_pylist()
            except (pa.ArrowException, OSError, LookupError) as problem:
                raise DataError(f"{path} changed while it was read; read it again") from problem
        return pa.chunked_array(chunks[j], schema.field(j).type).to_pylist()

    numbers = {j: points[:, place] for place, j in enumerate(numeric)}
    columns = [Column(schema.names[j] or f"x{j}", numbers.get(j), partial(cells, j)) for j in kept]
    return table(str(path), n, columns, points=points)


def rows_of(file: Any) -> int:
    """Rows of a Parquet file. Raises ValueError where its footer contradicts itself."""
    n, parts = file.metadata.num_rows, range(file.num_row_groups)
    if n != (found := sum(file.metadata.row_group(i).num_rows for i in parts)):
        raise ValueError(f"its footer tells of {n} rows, and of {found} in its row groups")
    return int(n)


def _is_numeric(kind: Any) -> bool:
    import pyarrow as pa

    checks = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(check(kind) for check in checks)


def _as_numbers(column: Any) -> NDArray[np.float64]:
    import pyarrow as pa

    cast = column.cast(pa.float64(), safe=False)
    return np.asarray(cast.to_numpy(zero_copy_only=False), dtype=np.float64)  # null reads as NaN


READERS: dict[str, Callable[[Path], Table]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".npy": read_npy,
}
