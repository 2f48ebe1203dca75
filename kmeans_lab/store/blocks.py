"""The Parquet files of runs/ and steps/: committed block by block, read with their checksums."""

import shutil
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .. import files
from ..arrow import column, empty, numbers
from ..errors import DamageError, RunError
from ..trace.sense import sensible
from ..trace.tables import REACH, RUNS_SCHEMA, STEPS_SCHEMA
from .checksums import Checksums

ROW_GROUP = 16 << 20  # bytes: what is read for one start's steps
DICTIONARY = 8 << 20  # bytes a column's dictionary may reach; saves 15 % of a study of Iris
LOOK = 1 << 20  # bytes of a table that tell which of its columns recur
RISING = ("run", "seed")  # columns of which only the differences are written
SCHEMAS = {"steps": STEPS_SCHEMA, "runs": RUNS_SCHEMA}  # in the order they become visible
OTHER = "its bytes are not those that checksums.txt lists"
ADDED = ("init_distances",)  # columns that blocks of earlier versions lack: null there


@dataclass(frozen=True)
class Receipt:
    """What a committed block holds."""

    name: str
    starts: int
    checksums: dict[str, str]  # SHA-256 by path in the study's folder


class Packed(NamedTuple):
    """A block as the bytes of its files."""

    starts: int
    steps: memoryview | None
    runs: memoryview


class Blocks:
    """The tables of one study; a start exists once its row in runs/ does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checksums = Checksums(folder / "checksums.txt")
        self._ids = files.Kept(lambda path: numbers(self._read("runs", path.stem, ["run"])["run"]))

    def path(self, table: str, name: str) -> Path:
        """The file of a block in the folder `table`, runs or steps."""
        return self.folder / table / f"{name}.parquet"

    def names(self, table: str = "runs") -> list[str]:
        """Committed blocks, in the order of their names."""
        return sorted(path.stem for path in (self.folder / table).glob("c[0-9]*.parquet"))

    def prepare(self) -> dict[str, str]:
        """Make both folders readable before the first start is done; gives the files' checksums."""
        checksums: dict[str, str] = {}
        for table, schema in SCHEMAS.items():
            with files.advised(self.folder / table), self._hidden(table) as hidden:
                digests = self._write(hidden, "schema", empty(schema))
                if hidden != table:
                    (self.folder / hidden).rename(self.folder / table)
                    files.sync_folder(self.folder)
            checksums |= {f"{table}/schema.parquet": digest for digest in digests.values()}
        return checksums

    @contextmanager
    def _hidden(self, table: str) -> Iterator[str]:
        """A table's folder, or where it is missing, one that takes its place when it has a file."""
        if (self.folder / table).is_dir():
            yield table
            return
        hidden = f"{files.TEMPORARY}{table}"
        try:
            (self.folder / hidden).mkdir(exist_ok=True)
            yield hidden
        finally:
            shutil.rmtree(self.folder / hidden, ignore_errors=True)

    def commit(self, name: str, steps: Any | None, runs: Any) -> Receipt:
        """Make a block visible, its steps first; a name in use gets a number.

        steps, runs: Arrow tables. Safe from many workers. Raises RunError where the disk refuses.
        """
        return self.place(name, pack(steps, runs))

    def place(self, name: str, block: Packed) -> Receipt:
        """Like `commit`, of a block that is packed, which takes most of the time."""
        name = self._free(name)
        checksums = {} if block.steps is None else self._place("steps", name, block.steps)
        checksums |= self._place("runs", name, block.runs)
        return Receipt(name, block.starts, checksums)

    def found(self, name: str, ids: NDArray[np.int64]) -> Receipt | None:
        """The receipt of a block of just these starts, which a worker left that was lost."""
        for there in self._taken(name):
            if np.array_equal(np.sort(self.ids(there)), np.sort(ids)):
                paths = {table: self.path(table, there) for table in SCHEMAS}
                checksums = {
                    f"{table}/{path.name}": files.sha256(path)
                    for table, path in paths.items()
                    if path.exists()
                }
                return Receipt(there, len(ids), checksums)
        return None

    def _free(self, name: str) -> str:
        numbered = len(list(self._taken(name)))
        return f"{name}-{numbered + 1}" if numbered else name

    def _taken(self, name: str) -> Iterator[str]:
        """Those of a name and its numbered ones that are in use."""
        candidate, number = name, 1
        while self.path("runs", candidate).exists():
            yield candidate
            number += 1
            candidate = f"{name}-{number}"

    def _write(self, table: str, name: str, rows: Any) -> dict[str, str]:
        return self._place(table, name, packed(rows))

    def _place(self, table: str, name: str, data: memoryview) -> dict[str, str]:
        path = self.path(table, name)
        with files.advised(path):
            digest = files.write(path, data)
        return {f"{table}/{path.name}": digest}

    def done(self, mine: Callable[[str], bool] | None = None) -> NDArray[np.int64]:
        """Ids of the starts that exist, sorted; mine: whether a block is looked at."""
        parts = [self.ids(name) for name in self.names() if mine is None or mine(name)]
        return np.sort(np.concatenate([*parts, np.empty(0, np.int64)]))

    def ids(self, name: str) -> NDArray[np.int64]:
        """Ids of the starts in a block."""
        try:
            return self._ids.of(self.path("runs", name))
        except OSError as error:
            raise self._damaged(self.path("runs", name), str(error)) from error

    def _holds(self, name: str, ids: Collection[int]) -> bool:
        try:
            return bool(np.isin(self.ids(name), [*ids]).any())
        except DamageError:  # told by who reads the starts
            return False

    def runs(
        self, columns: Collection[str] | None = None, ids: Collection[int] | None = None
    ) -> Any:
        """The starts, or the starts `ids`, as an Arrow table in the order of `run`."""
        wanted = None if columns is None else list(dict.fromkeys(["run", *columns]))
        none = empty(RUNS_SCHEMA)
        parts = self._sound("runs", self.names(), wanted, ids)
        table = _in_order(pa.concat_tables([none.select(wanted) if wanted else none, *parts]))
        return table if columns is None else table.select(list(columns))

    def failed(self) -> Any:
        """The starts with status `error`, as an Arrow table of `run` and `note`."""
        rows = self.runs(["run", "status", "note"])
        return rows.filter(pc.equal(rows["status"], "error")).select(["run", "note"])

    def steps(self, ids: Collection[int] | None = None) -> Any:
        """The steps of the starts that exist, or of the starts `ids`, as an Arrow table."""
        recorded = set(self.names("steps"))
        names = [name for name in self.names() if name in recorded]
        if ids is not None:  # by the starts of a block, so that other blocks' steps stay unread
            names = [name for name in names if self._holds(name, ids)]
        parts = self._sound("steps", names, None, ids)
        return pa.concat_tables([empty(STEPS_SCHEMA), *parts])

    def without_steps(self) -> list[str]:
        """Blocks whose starts made steps, and that have no file of them."""
        recorded = set(self.names("steps"))
        bare = [name for name in self.names() if name not in recorded]
        return [n for n in bare if pc.sum(self._read("runs", n, ["n_iter"])["n_iter"]).as_py()]

    def check(self, name: str, steps: bool) -> None:
        """Read every page of a block. RunError where one is damaged, or starts lack their steps."""
        made = pc.sum(self._read("runs", name)["n_iter"]).as_py() or 0
        if steps and len(self._read("steps", name)) != made:
            raise RunError(f"{self.path('steps', name)} does not hold the steps of its starts")

    def _sound(self, table: str, names: Iterable[str], *wanted: Any) -> Iterator[Any]:
        """The rows of blocks; one that is damaged is left out, with a DamageError."""
        for name in names:
            try:
                yield self._read(table, name, *wanted)
            except DamageError as damage:
                warnings.warn(damage, stacklevel=4)

    def _read(
        self,
        table: str,
        name: str,
        columns: list[str] | None = None,
        ids: Collection[int] | None = None,
    ) -> Any:
        schema = SCHEMAS[table]
        wanted = schema.names if columns is None else columns
        with self._open(self.path(table, name), schema) as file:
            if ids is None:
                return _completed(sensible(file.read(columns), schema), wanted, schema)
            asked = np.array([*ids], np.int64)
            groups = [g for g in range(file.num_row_groups) if _overlaps(file.metadata, g, asked)]
            rows = sensible(file.read_row_groups(groups, columns, use_threads=False), schema)
            rows = rows.filter(pc.is_in(rows["run"], column(asked)))
            return _completed(rows, wanted, schema)

    @contextmanager
    def _open(self, path: Path, schema: Any) -> Iterator[Any]:
        # Not pq.read_table: pyarrow's scanner keeps threads that abort some interpreters at exit.
        # Not the pages' own checksums alone: of a file's header and footer they know nothing.
        try:
            if self.checksums.broken(path):
                raise ValueError(OTHER)
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                if not _is_of(file.schema_arrow, schema):
                    raise RunError(f"{path} does not have the columns that belong there")
                yield file
        except (OSError, ValueError, LookupError, pa.ArrowException) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise self._damaged(path, reason) from error

    def _damaged(self, path: Path, reason: str) -> DamageError:
        mend = f"`kmeans-lab verify {self.folder} --repair` mends it"
        return DamageError(f"{path} is damaged ({reason}); {mend}")

    def discard(self, names: Iterable[str]) -> None:
        """Remove whole blocks."""
        for name in names:
            for table in reversed(SCHEMAS):
                self.path(table, name).unlink(missing_ok=True)
        for table in SCHEMAS:
            with files.advised(self.folder / table):
                files.sync_folder(self.folder / table)


def _is_of(found: Any, schema: Any) -> bool:
    """Whether a file's columns are those of `schema`, or of an earlier version's."""
    earlier = pa.schema([field for field in schema if field.name not in ADDED])
    return bool(found.equals(schema) or found.equals(earlier))


def _completed(rows: Any, columns: list[str], schema: Any) -> Any:
    """Rows with nulls in those of `columns` that an earlier version did not write."""
    for name in set(columns).difference(rows.column_names):
        kind = schema.field(name).type
        rows = rows.append_column(name, pa.nulls(len(rows), kind))
    return rows.select(columns)


def _in_order(rows: Any) -> Any:
    """An Arrow table in the order of `run`; labels of a large one get offsets of 64 bits for it."""
    if "labels" in rows.schema.names and rows.nbytes > REACH:
        place = rows.schema.get_field_index("labels")
        rows = rows.set_column(place, "labels", rows["labels"].cast(pa.large_binary()))
    return rows.sort_by("run")


def pack(steps: Any | None, runs: Any) -> Packed:
    """A block's Arrow tables as the bytes of its files."""
    return Packed(len(runs), None if steps is None else packed(steps), packed(runs))


def packed(rows: Any) -> memoryview:
    """An Arrow table as the bytes of a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        rows,
        sink,
        row_group_size=max(1, ROW_GROUP * len(rows) // max(1, rows.nbytes)),
        compression="zstd",
        compression_level=1,  # 3 takes an eighth longer and a twelfth less room
        use_dictionary=_recurring(rows),
        column_encoding={
            name: "DELTA_BINARY_PACKED" for name in RISING if name in rows.schema.names
        },
        dictionary_pagesize_limit=DICTIONARY,
        write_statistics=["run"],  # of the others nobody asks: saves 8 %
        write_page_checksum=True,
    )
    return memoryview(sink.getvalue())


def _recurring(rows: Any) -> list[str]:
    """Columns whose values recur, by a look at the first: a dictionary makes them small.

    It halves a study of Iris; of values that do not recur it would double the time.
    """
    head = rows.slice(0, LOOK * len(rows) // max(1, rows.nbytes))
    found = []
    for field in head.schema:
        values, path, least = head[field.name], field.name, 2
        if pa.types.is_list(field.type):
            values, path = pc.list_flatten(values), f"{path}.list.element"
        if pa.types.is_floating(values.type):
            least = 5  # eight bytes are soon written
        if field.name not in RISING and least * pc.count_distinct(values).as_py() <= len(values):
            found.append(path)
    return found


def _overlaps(metadata: Any, group: int, ids: NDArray[np.int64]) -> bool:
    if metadata.row_group(group).num_rows == 0:
        return False
    statistics = metadata.row_group(group).column(0).statistics
    if statistics is None or not statistics.has_min_max:  # the lab writes them, others may not
        return True
    return bool(((ids >= statistics.min) & (ids <= statistics.max)).any())
