"""NumPy arrays and words as Arrow columns, and back.

pyarrow's own conversions import pandas first, which takes as long as NumPy and pyarrow together; a
study's first block is there before pandas is needed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def column(values: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> Any:
    """Numbers (R,) as an Arrow array, not copied; null where not `valid`."""
    values = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [validity(valid), pa.py_buffer(values)])


def nullable(values: NDArray[np.float64]) -> Any:
    """Numbers (R,) as an Arrow array; NaN is null."""
    return column(values, ~np.isnan(values))


def validity(valid: NDArray[np.bool_] | None) -> Any:
    """The bits of an array's valid rows; None where all are."""
    if valid is None or valid.all():
        return None
    return pa.py_buffer(np.packbits(valid, bitorder="little"))


def texts(words: Sequence[str]) -> Any:
    """Words as an Arrow array of strings."""
    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(words), buffers)


def repeated(word: str, times: int) -> Any:
    """One word many times."""
    return texts([word]).take(column(np.zeros(times, np.int8)))


def empty(schema: Any) -> Any:
    """A table without rows."""
    return pa.Table.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def numbers(values: Any) -> NDArray[Any]:
    """A column of numbers without nulls, or an array of them, as a NumPy array."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    dtype = np.dtype(values.type.to_pandas_dtype())
    if not len(values):
        return np.empty(0, dtype)
    flat: NDArray[Any] = np.frombuffer(values.buffers()[1], dtype)
    return flat[values.offset : values.offset + len(values)]
