"""What starts leave, as Arrow tables: the schemas of the Parquet files, filled from arrays.

A packed column (labels, centers, partition) is made from its bytes and offsets, never from a Python
object per row: 1 µs a start instead of 15.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..arrow import column, nullable, numbers, repeated, texts, validity
from ..errors import RunError
from ..kernels.batch import label_type
from ..kernels.lloyd import EMPTY_CLUSTER, STATUS
from ..kernels.records import Batch
from .partitions import Partitions, partition_ids

SCHEMA_VERSION = 1
_META = {"schema_version": str(SCHEMA_VERSION)}
REACH = 2**31 - 1  # the largest offset into a packed column
_CENTERS = pa.list_(pa.field("element", pa.float64()))

RUNS_SCHEMA = pa.schema(
    [
        ("run", pa.int64()),
        ("dataset", pa.string()),
        ("k", pa.int32()),
        ("init", pa.string()),
        ("seed", pa.int64()),
        ("status", pa.string()),
        ("n_iter", pa.int32()),
        ("initial_inertia", pa.float64()),
        ("inertia", pa.float64()),
        ("silhouette", pa.float64()),
        ("ari", pa.float64()),
        ("relocations", pa.int32()),
        ("partition", pa.string()),
        ("centers", _CENTERS),
        ("labels", pa.binary()),
        ("note", pa.string()),
        ("seconds", pa.float32()),
        ("silhouette_se", pa.float64()),
        ("init_distances", pa.int64()),
    ],
    metadata=_META,
)
STEPS_SCHEMA = pa.schema(
    [
        ("run", pa.int64()),
        ("iteration", pa.int32()),
        ("centers", _CENTERS),
        ("inertia", pa.float64()),
        ("moved", pa.int32()),
        ("silhouette", pa.float64()),
        ("silhouette_se", pa.float64()),
        ("labels", pa.binary()),
    ],
    metadata=_META,
)
REFERENCE_SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("k", pa.int32()),
        ("inertia", pa.float64()),
        ("centers", _CENTERS),
        ("partition", pa.string()),
        ("method", pa.string()),
        ("proven", pa.bool_()),
        ("swaps", pa.int64()),
        ("seed", pa.int64()),
        ("seconds", pa.float64()),
    ],
    metadata=_META,
)


def runs_table(
    dataset: str,
    k: int,
    init: str,
    runs: NDArray[np.int64],
    seeds: NDArray[np.int64],
    batch: Batch,
    *,
    ends: Partitions,
    ari: NDArray[np.float64],
    labels: bool,
    seconds: float,
    distances: NDArray[np.int64] | None = None,
) -> Any:
    """Rows of runs/ for the R starts of `batch`, which ended in the P partitions `ends`.

    ari: (P,), NaN for null. labels: whether they are recorded. seconds: a start. distances: (R,),
    evaluated for first centers; None for null.
    """
    R = len(runs)
    ended = batch.status != EMPTY_CLUSTER
    place = column(ends.of, ended)
    columns = {
        "run": runs,
        "dataset": repeated(dataset, R),
        "k": np.full(R, k, np.int32),
        "init": repeated(init, R),
        "seed": seeds,
        "status": texts(STATUS).take(column(batch.status)),
        "n_iter": batch.n_iter,
        "initial_inertia": nullable(batch.initial_inertia),
        "inertia": nullable(batch.inertia),
        "silhouette": nullable(batch.silhouette),
        "ari": nullable(ari).take(place),
        "relocations": batch.relocations,
        "partition": texts(partition_ids(ends.labels)).take(place),
        "centers": _centers(batch.centers, ended),
        "labels": _labels(batch.labels, k, ended) if labels else pa.nulls(R, pa.binary()),
        "note": pa.nulls(R, pa.string()),
        "seconds": np.full(R, seconds, np.float32),
        "silhouette_se": nullable(batch.silhouette_se),
        "init_distances": pa.nulls(R, pa.int64()) if distances is None else distances,
    }
    return _table(columns, RUNS_SCHEMA)


def failed_table(
    dataset: str,
    k: int,
    init: str,
    runs: NDArray[np.int64],
    seeds: NDArray[np.int64],
    notes: Sequence[str],
) -> Any:
    """Rows of runs/ for starts whose initializer failed: status `error`, no step, no outcome."""
    R = len(runs)
    zeros = np.zeros(R, np.int32)
    columns = {field.name: pa.nulls(R, field.type) for field in RUNS_SCHEMA} | {
        "run": runs,
        "dataset": repeated(dataset, R),
        "k": zeros + np.int32(k),
        "init": repeated(init, R),
        "seed": seeds,
        "status": repeated("error", R),
        "n_iter": zeros,
        "relocations": zeros,
        "note": texts(notes),
        "seconds": zeros.astype(np.float32),
    }
    return _table(columns, RUNS_SCHEMA)


def steps_table(runs: NDArray[np.int64], k: int, batch: Batch) -> Any:
    """Rows of steps/ for the starts of `batch`, start after start."""
    counts = batch.step_counts
    S = len(batch.step_inertia)
    before = np.repeat(np.cumsum(counts, dtype=np.int64) - counts, counts)
    recorded = batch.step_labels.shape[1] > 0
    columns = {
        "run": np.repeat(runs, counts),
        "iteration": (np.arange(S) - before + 1).astype(np.int32),
        "centers": _centers(batch.step_centers),
        "inertia": batch.step_inertia,
        "moved": batch.step_moved,
        "silhouette": nullable(batch.step_silhouette),
        "silhouette_se": nullable(batch.step_silhouette_se),
        "labels": _labels(batch.step_labels, k) if recorded else pa.nulls(S, pa.binary()),
    }
    return _table(columns, STEPS_SCHEMA)


def _table(columns: dict[str, Any], schema: Any) -> Any:
    arrays = {
        name: column(values) if isinstance(values, np.ndarray) else values
        for name, values in columns.items()
    }
    return pa.table(arrays, schema=schema)


def unpack_labels(column: Any, k: int) -> NDArray[np.unsignedinteger]:
    """A labels column without nulls as an array (rows, n). RunError for one that is none of k."""
    packed = np.frombuffer(b"".join(column.to_pylist()), label_type(k))
    if packed.max(initial=0) >= k:
        raise RunError(f"a label is {packed.max()}, of {k} clusters: the study's steps are damaged")
    return packed.reshape(len(column), -1)


def unpack_centers(column: Any, k: int) -> NDArray[np.float64]:
    """A centers column without nulls as an array (rows, k, d)."""
    flat = [numbers(chunk.flatten()) for chunk in getattr(column, "chunks", [column])]
    return np.concatenate([*flat, np.empty(0)]).reshape(len(column), k, -1)


def _labels(labels: NDArray[np.uint16], k: int, valid: NDArray[np.bool_] | None = None) -> Any:
    rows = np.ascontiguousarray(labels, label_type(k)).view("u1")
    return _packed(pa.binary(), rows, valid)


def _centers(centers: NDArray[np.float64], valid: NDArray[np.bool_] | None = None) -> Any:
    R, k, d = centers.shape
    rows = np.ascontiguousarray(centers).reshape(R, k * d)
    return _packed(_CENTERS, rows, valid)


def _packed(kind: Any, rows: NDArray[Any], valid: NDArray[np.bool_] | None) -> Any:
    """A column of equally long rows: row i is the bytes, or the list, that `rows[i]` holds.

    In parts, as one start's labels of every step may be more than an offset can reach.
    """
    R, width = rows.shape
    size = max(1, REACH // max(1, width))
    parts = [slice(begin, begin + size) for begin in range(0, R, size)]
    chunks = [_part(kind, rows[part], None if valid is None else valid[part]) for part in parts]
    return pa.chunked_array(chunks, kind)


def _part(kind: Any, rows: NDArray[Any], valid: NDArray[np.bool_] | None) -> Any:
    R, width = rows.shape
    bits, offsets = validity(valid), np.arange(R + 1, dtype=np.int32) * np.int32(width)
    if valid is not None and bits:
        offsets = np.concatenate([[0], np.cumsum(valid) * width]).astype(np.int32)
        rows = rows[valid]
    places, values = pa.py_buffer(offsets), pa.py_buffer(rows)
    if kind == _CENTERS:
        items = pa.Array.from_buffers(pa.float64(), rows.size, [None, values])
        return pa.Array.from_buffers(kind, R, [bits, places], children=[items])
    return pa.Array.from_buffers(kind, R, [bits, places, values])
