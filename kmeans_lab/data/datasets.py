"""Data sets: points under a name, with the groups that k-means never sees; frozen at the door."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import files
from ..errors import DataError, RunError, suggest
from .columns import Column, Table, table
from .points import check_magnitude, distinct, from_array, frozen, scaled
from .readers import READERS, rows_of
from .selection import check_rows, labels, select, together

__all__ = [
    "DATASETS",
    "Dataset",
    "distinct",
    "from_array",
    "from_table",
    "load",
    "read_parquet",
    "read_table",
    "write_parquet",
]

GROUP = 1 << 20  # rows that are written at a time
FOOTER = b"kmeans_lab"  # key of what a data set's Parquet file says beyond its columns


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points and what is known of them."""

    name: str
    X: NDArray[np.float64]  # (n, d), C-contiguous, read-only, finite
    columns: tuple[str, ...]  # (d,), as axes are named: with the scale, where there is one
    features: tuple[str, ...]  # (d,), as the source names them
    truth: NDArray[np.int64] | None = None  # (n,), index into truth_names
    truth_names: tuple[str, ...] = ()
    truth_column: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all but the names of the data set and of its truth column, in hex."""
        described = [self.X.shape, self.columns, self.truth is not None, self.truth_names]
        digest = hashlib.sha256(json.dumps(described).encode())
        digest.update(np.ascontiguousarray(self.X, dtype="<f8").data)
        if self.truth is not None:
            digest.update(np.ascontiguousarray(self.truth, dtype="<i8").data)
        return digest.hexdigest()


class Entry(NamedTuple):
    """A built-in data set."""

    table: Callable[[], Table]
    description: str
    source: str


def load(
    source: str,
    *,
    name: str,
    base: Path,
    columns: Sequence[str | int] | None = None,
    truth: str | int | None = None,
    scale: str = "none",
) -> Dataset:
    """The data set of a built-in name, or of a file whose path is relative to `base`.

    columns: names or indices from 0, by default all numeric ones but the truth's.
    truth: a column of labels. scale: "none", "standard" or "minmax", for each column.
    Raises DataError with the file, the column and the row of what cannot be used.
    """
    content = read_table(source, base)
    return from_table(content, name=name, columns=columns, truth=truth, scale=scale)


def from_table(
    content: Table,
    *,
    name: str,
    columns: Sequence[str | int] | None = None,
    truth: str | int | None = None,
    scale: str = "none",
) -> Dataset:
    """The data set of a table that was read; options and errors are those of `load`."""
    check_rows(content)
    label = None if truth is None else content.column(truth)
    features = select(content, columns, label)
    X, suffix = scaled(together(content, features), scale)
    names = tuple(column.name for column in features)
    check_magnitude(X, content.where, [repr(name) for name in names], content.row)
    dataset = Dataset(name, frozen(X), tuple(f"{name}{suffix}" for name in names), names)
    if label is None:
        return dataset
    if label.name in dataset.columns:
        raise DataError(
            f"{content.where}: truth {label.name!r} is a column's name; allowed: another"
        )
    codes, groups = labels(content, label)
    return replace(dataset, truth=frozen(codes), truth_names=groups, truth_column=label.name)


def read_table(source: str, base: Path) -> Table:
    """All columns of a built-in name or a file. Raises DataError where there is none."""
    path = base / source
    if path.suffix.lower() in READERS:
        return READERS[path.suffix.lower()](path)
    if source in DATASETS:
        return DATASETS[source].table()
    allowed = [*DATASETS, "a .csv, .parquet or .npy file"]
    raise DataError(f"unknown data set {source!r}{suggest(source, allowed)}")


def write_parquet(dataset: Dataset, path: Path) -> str:
    """Write a data set for a study: its columns, then its truth as text. Gives the SHA-256."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    footer = {
        "name": dataset.name,
        "features": dataset.features,
        "truth": dataset.truth_column if dataset.truth is not None else None,
        "truth_names": dataset.truth_names,
        "fingerprint": dataset.fingerprint,
    }
    schema = pa.schema([(name, pa.float64()) for name in dataset.columns])
    if dataset.truth is not None:
        schema = schema.append(pa.field(dataset.truth_column, pa.string()))
    options = {
        "compression": "zstd",
        "write_page_checksum": True,
        "use_dictionary": schema.names[len(dataset.columns) :],
        "use_byte_stream_split": list(dataset.columns),  # a quarter of the time, fewer bytes
    }
    described = schema.with_metadata({FOOTER: json.dumps(footer)})
    try:
        with files.writing(path) as file, pq.ParquetWriter(file, described, **options) as writer:
            for start in range(0, len(dataset.X), GROUP):
                writer.write_table(_rows(dataset, slice(start, start + GROUP), described))
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(f"cannot write {path}: {reason}; make room, run again") from error
    return file.sha256()


def _rows(dataset: Dataset, rows: slice, schema: Any) -> Any:
    """Some rows of a data set as an Arrow table."""
    import pyarrow as pa

    from ..arrow import column, texts

    arrays = [column(values) for values in dataset.X[rows].T]
    if dataset.truth is not None:
        arrays.append(texts(dataset.truth_names).take(column(dataset.truth[rows])))
    return pa.Table.from_arrays(arrays, schema=schema)


def read_parquet(path: Path) -> Dataset:
    """The data set that `write_parquet` wrote, to the bit. Raises RunError where it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            dataset, fingerprint = _restored(file)
    except (OSError, pa.ArrowException, LookupError, TypeError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise _damaged(path, reason) from error
    if dataset.fingerprint != fingerprint:
        raise _damaged(path, "its fingerprint is another")
    return dataset


def _restored(file: Any) -> tuple[Dataset, str]:
    """What a file holds, row group by row group, so that no second copy of the points is made."""
    from ..arrow import numbers as numbers_of

    footer, names = json.loads((file.schema_arrow.metadata or {})[FOOTER]), file.schema_arrow.names
    groups, n = tuple(footer["truth_names"]), rows_of(file)
    truth = None if footer["truth"] is None else np.empty(n, np.int64)
    X, start = np.empty((n, len(names) - (truth is not None))), 0
    code = {group: i for i, group in enumerate(groups)}
    for number in range(file.num_row_groups):
        content = file.read_row_group(number)
        rows = slice(start, start + len(content))
        for j in range(X.shape[1]):
            X[rows, j] = numbers_of(content.column(j))
        if truth is not None:
            truth[rows] = [code[cell] for cell in content.column(X.shape[1]).to_pylist()]
        start += len(content)
    if start != n:
        raise ValueError(f"{start} rows of {n} are there")
    columns, features = tuple(names[: X.shape[1]]), tuple(footer["features"])
    known = None if truth is None else frozen(truth)
    described = footer["name"], frozen(X), columns, features, known, groups
    return Dataset(*described, footer["truth"] or ""), footer["fingerprint"]


def _damaged(path: Path, reason: str) -> RunError:
    mend = f"`kmeans-lab verify {path.parent.parent} --repair` reads it again from its source"
    return RunError(f"{path} is damaged ({reason}); {mend}")


def _sklearn(name: str, loader: str, label: str) -> Table:
    """One of scikit-learn's own data sets, with its classes as a last column of text."""
    from sklearn import datasets

    bunch = getattr(datasets, loader)()
    classes = [str(bunch.target_names[code]) for code in bunch.target]
    columns = [
        Column(str(feature), values, values.tolist)
        for feature, values in zip(bunch.feature_names, bunch.data.T, strict=True)
    ]
    return table(f"data set {name}", len(classes), [*columns, Column(label, None, lambda: classes)])


def _iris() -> Table:
    """Iris from scikit-learn's file: to import the package takes a second, most of it SciPy."""
    installed = find_spec("sklearn")
    folder = Path((installed and installed.origin) or "").parent
    try:
        first, *rows = (folder / "datasets" / "data" / "iris.csv").read_text().splitlines()
        values = np.array([row.split(",") for row in rows], dtype=np.float64)
        lengths = values[:, :4].T.copy()
        classes = [first.split(",")[2:][int(code)] for code in values[:, 4]]
    except (OSError, ValueError, IndexError):  # kept elsewhere: by its loader
        return _sklearn("iris", "load_iris", "species")
    columns = [
        Column(f"{part} {extent} (cm)", lengths[j], lengths[j].tolist)
        for j, (part, extent) in enumerate(product(("sepal", "petal"), ("length", "width")))
    ]
    species = Column("species", None, lambda: classes)
    return table("data set iris", len(classes), [*columns, species])


DATASETS: dict[str, Entry] = {
    "iris": Entry(
        _iris,
        "150 flowers of 3 species, 4 lengths in cm",
        "R. A. Fisher, The use of multiple measurements in taxonomic problems, "
        "Annals of Eugenics 7 (1936) 179–188",
    ),
    "wine": Entry(
        lambda: _sklearn("wine", "load_wine", "class"),
        "178 wines of 3 cultivars, 13 chemical measurements",
        "S. Aeberhard, D. Coomans, O. de Vel, Comparative analysis of statistical pattern "
        "recognition methods in high dimensional settings, Pattern Recognition 27 (1994) 1065–1077",
    ),
    "digits": Entry(
        lambda: _sklearn("digits", "load_digits", "digit"),
        "1797 handwritten digits, 8 × 8 gray values from 0 to 16",
        "E. Alpaydin, C. Kaynak, Cascading classifiers, Kybernetika 34 (1998) 369–374",
    ),
    "breast-cancer": Entry(
        lambda: _sklearn("breast-cancer", "load_breast_cancer", "diagnosis"),
        "569 tumors, benign or malignant, 30 measurements of cell nuclei",
        "W. N. Street, W. H. Wolberg, O. L. Mangasarian, Nuclear feature extraction for breast "
        "tumor diagnosis, SPIE 1905 (1993) 861–870",
    ),
}
