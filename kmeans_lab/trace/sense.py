"""Whether rows are such as starts leave: a file may be whole and in its schema, and hold anything.

Judged where rows are read, so that nobody above has to; it takes a small part of the reading.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..kernels.lloyd import EMPTY_CLUSTER, ERROR, STATUS
from .tables import REFERENCE_SCHEMA, RUNS_SCHEMA

OUTCOME = ("inertia", "partition", "centers")  # of a start, null where it has no outcome
FREE = (  # null at will
    *("initial_inertia", "silhouette", "silhouette_se"),
    *("ari", "labels", "note", "init_distances"),
)
LEAST = {"run": 0, "seed": 0, "k": 1, "n_iter": 0, "iteration": 1, "moved": 0, "swaps": 0}
WITHOUT = (STATUS[EMPTY_CLUSTER], STATUS[ERROR])  # of starts that have no outcome


def sensible(rows: Any, schema: Any) -> Any:
    """The rows of an Arrow table of a schema, or of some of its columns.

    Raises ValueError where they are none that starts leave.
    """
    if reason := _columns(rows, schema) or _centers(rows) or _outcomes(rows):
        raise ValueError(reason)
    return rows


def _columns(rows: Any, schema: Any) -> str:
    """What is wrong with a column by itself; nothing: ""."""
    free = {*FREE, *OUTCOME} if schema is RUNS_SCHEMA else {*FREE}
    for name in rows.column_names:
        values = rows[name]
        if values.null_count and name not in free:
            return f"{name} is null in a row"
        if name in LEAST and pc.any(pc.less(values, LEAST[name])).as_py():
            return f"{name} is below {LEAST[name]} in a row"
        if schema is not REFERENCE_SCHEMA and _is_ragged(values):  # a block is of one cell
            return f"its {name} differ in length"
    return ""


def _is_ragged(values: Any) -> bool:
    if values.type == pa.binary():
        span = pc.min_max(pc.binary_length(values)).as_py()
    elif pa.types.is_list(values.type):
        span = pc.min_max(pc.list_value_length(values)).as_py()
    else:
        return False
    return bool(span["min"] != span["max"])


def _centers(rows: Any) -> str:
    """What is wrong with the numbers of k centers."""
    if "centers" not in rows.column_names:
        return ""
    if pc.list_flatten(rows["centers"]).null_count:
        return "a center is null"
    if "k" not in rows.column_names:
        return ""
    k, size = rows["k"], pc.list_value_length(rows["centers"])
    features = pc.divide(size, k)
    whole = pc.and_(pc.greater(features, 0), pc.equal(pc.multiply(features, k), size))
    return "" if pc.all(whole).as_py() is not False else "its centers are not of its k"


def _outcomes(rows: Any) -> str:
    """What a start lacks, or has and should not, by its status."""
    if "status" not in rows.column_names:
        return ""
    if not pc.all(pc.is_in(rows["status"], pa.array(STATUS)), min_count=0).as_py():
        return "a status is unknown"
    ended = pc.invert(pc.is_in(rows["status"], pa.array(WITHOUT)))
    for name in OUTCOME:
        if name in rows.column_names and pc.is_valid(rows[name]) != ended:
            return f"a start has no {name}, or has one without an outcome"
    return ""
