"""Files as tables, one reader a kind of file."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .columns import Column, Table, read_bytes, read_text, table
from .csvs import read_csv

__all__ = ["READERS", "read_csv", "read_npy", "read_parquet", "read_text"]


def read_npy(path: Path) -> Table:
    """An array (n, d) of real numbers, or (n,) for one feature, its columns called x0, x1, …

    Raises DataError for what is no such array; never unpickles.
    """
    data = read_bytes(path)
    try:
        X = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except Exception as problem:  # a damaged header fails in many ways, tokenize's among them
        reason = (str(problem).splitlines() or ["it is cut short"])[0]
        raise DataError(f"{path}: {reason}; allowed: a .npy file of real numbers") from None
    if X.dtype.kind not in "biuf":
        raise DataError(f"{path} holds {X.dtype} values; allowed: integers, floats or booleans")
    if X.ndim not in (1, 2):
        raise DataError(f"{path} has shape {X.shape}; allowed: (n, d), or (n,) for one feature")
    X = X[:, None] if X.ndim == 1 else X
    columns = [Column(f"x{j}", _as_float64(X[:, j]), X[:, j].tolist) for j in range(X.shape[1])]
    return table(str(path), len(X), columns)


def _as_float64(values: NDArray[Any]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # a long double beyond float64 is inf, for others to refuse
        return values.astype(np.float64)


def read_parquet(path: Path) -> Table:
    """The columns of a Parquet file; pandas' unnamed index is none of them.

    Raises DataError for what is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = read_bytes(path)
    try:
        content = pq.ParquetFile(pa.BufferReader(data)).read()
        names = content.column_names
    except (pa.ArrowException, OSError, ValueError) as problem:
        reason = (str(problem).splitlines() or ["it is damaged"])[0]
        raise DataError(f"{path}: {reason}; allowed: a Parquet file") from None
    columns = [
        _arrow_column(name or f"x{j}", content.column(j))
        for j, name in enumerate(names)
        if not name.startswith("__index_level_")
    ]
    return table(str(path), len(content), columns)


def _arrow_column(name: str, column: Any) -> Column:
    import pyarrow as pa

    checks = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    if not any(check(column.type) for check in checks):
        return Column(name, None, column.to_pylist)
    numbers = column.cast(pa.float64(), safe=False).to_numpy()  # null reads as NaN
    return Column(name, np.asarray(numbers, dtype=np.float64), column.to_pylist)


READERS: dict[str, Callable[[Path], Table]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".npy": read_npy,
}
