"""Which files of a study are there and right: checksums listed, blocks adopted, bytes verified."""

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import files
from ..errors import RunError, SpecError
from .blocks import SCHEMAS, Blocks

UNLISTED = "not in checksums.txt"
REFERENCE = "reference.parquet"
SHARDS = ".shards"  # a folder for each, where its writer and its workers are counted


class Damage(NamedTuple):
    """A file that is not what it was when it was written."""

    path: str  # in the study's folder
    reason: str


class Ledger(Blocks):
    """The files of a study's folder, each with its checksum."""

    def __init__(self, folder: str | Path) -> None:
        super().__init__(Path(folder))

    def exists(self) -> bool:
        """Whether a study is here; its spec.toml is the last file of its making."""
        return (self.folder / "spec.toml").is_file()

    @contextmanager
    def lock(self, say: Callable[[str], None] = lambda line: None) -> Iterator[None]:
        """Be the one writer. Raises RunError where another run is.

        say: told where the workers of an earlier run, which was killed, have to be waited for.
        """
        with files.locked(self.folder):
            _wait_for_workers(self.folder, say)
            yield

    @contextmanager
    def lock_shard(
        self, shard: str, say: Callable[[str], None] = lambda line: None
    ) -> Iterator[None]:
        """Be one of several writers, each of a shard of its own. Like `lock`."""
        mine = self.folder / SHARDS / shard
        with files.locked(self.folder, alone=False):
            mine.mkdir(parents=True, exist_ok=True)
            with files.locked(mine):
                _wait_for_workers(mine, say)
                yield

    @contextmanager
    def at_work(self, shard: str | None = None) -> Iterator[None]:
        """Be a worker process of a writer; who writes next waits for its end."""
        with ExitStack() as stack:
            for folder in (self.folder, *([self.folder / SHARDS / shard] if shard else [])):
                stack.enter_context(files.entered(folder, "workers", alone=False))
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one who commits now, among workers who may have been given the same block."""
        with files.entered(self.folder, "commits", alone=True):
            yield

    def put(self, name: str, content: str | memoryview) -> None:
        """Write and list a file of the study, where it says something else."""
        data = content.encode() if isinstance(content, str) else content
        path, digest = self.folder / name, sha256(data).hexdigest()
        if (known := self.checksums.of(name)) == [digest] and not self._reason(name, digest):
            return
        fresh = not path.exists()
        try:
            if known:
                self.checksums.expect(name, digest)  # stopped anywhere, the file is one of the two
            with files.advised(path):
                files.write(path, data)
            self.checksums.add({name: digest})
        except RunError:
            if fresh and not known:
                path.unlink(missing_ok=True)
            raise

    def record(self, *paths: Path) -> None:
        """List files of the study, such as the report's, with their checksums."""
        self.checksums.add(
            {path.relative_to(self.folder).as_posix(): files.sha256(path) for path in paths}
        )

    def settle(
        self,
        steps: bool,
        mine: Callable[[str], bool] | None = None,
        lost: Collection[str] = (),
    ) -> dict[str, str]:
        """Put away what a killed run left; its finished blocks are read in full and adopted.

        steps: whether starts have steps here. mine: where others write too, whether a block is
        one's own. lost: blocks that stay listed, since they are about to be made again.
        Gives the blocks that had to go, and why. Needs the lock.
        """
        if mine is None:
            self._clean()
        mine = mine or (lambda name: True)
        for name in set(self.names("steps")) - set(self.names()):
            if mine(name):
                self.path("steps", name).unlink(missing_ok=True)
        listed, _ = self.checksums.read()
        names = [name for name in self.names() if mine(name)]
        unlisted = [name for name in names if not self._paths(name, steps) <= listed.keys()]
        gone = self._adopt(unlisted, names, steps) if unlisted else {}
        kept = {f"{table}/schema.parquet" for table in SCHEMAS}
        kept = kept.union(*(self._paths(name, steps) for name in {*names, *lost} - gone.keys()))
        self.checksums.remove(
            path for path in listed if path not in kept and self._is_block(path, mine)
        )
        return gone

    def withdraw(self, mine: Callable[[str], bool] | None = None) -> None:
        """Remove blocks that the disk let no one list; they will be computed again."""
        listed, _ = self.checksums.read()
        names = {name for table in SCHEMAS for name in self.names(table)}
        bare = (name for name in names if f"runs/{name}.parquet" not in listed)
        self.discard(name for name in bare if mine is None or mine(name))

    def _is_block(self, path: str, mine: Callable[[str], bool]) -> bool:
        table, _, file = path.partition("/")
        return table in SCHEMAS and mine(file.removesuffix(".parquet"))

    def _adopt(
        self, names: Collection[str], beside: Collection[str], steps: bool
    ) -> dict[str, str]:
        taken = {run for name in beside if name not in names for run in self.ids(name)}
        lost = {}
        for name in names:
            try:
                self.check(name, steps)
                if not taken.isdisjoint(ids := self.ids(name)):
                    raise RunError(f"{self.path('runs', name)} holds starts of another block")
            except RunError as error:
                self.discard([name])
                lost[name] = str(error)
            else:
                self.record(*(self.folder / path for path in self._paths(name, steps)))
                taken.update(ids)
        return lost

    def _paths(self, name: str, steps: bool) -> set[str]:
        return {f"{table}/{name}.parquet" for table in SCHEMAS if table == "runs" or steps}

    def drop(self, ids: NDArray[np.int64]) -> None:
        """Remove starts that have no steps (status `error`). Needs the lock."""
        for name in self.names():
            if not (bad := np.isin(self.ids(name), ids)).any():
                continue
            kept = self._read("runs", name).filter(~bad)
            paths = self._paths(name, steps=True)
            self.checksums.remove(paths)  # a kill from here on leaves a block to adopt
            if len(kept):
                self._write("runs", name, kept)
                self.record(*(path for p in sorted(paths) if (path := self.folder / p).exists()))
            else:
                self.discard([name])

    def _clean(self) -> None:
        shutil.rmtree(self.folder / SHARDS, ignore_errors=True)
        for folder in (self.folder, *(self.folder / name for name in ("data", *SCHEMAS))):
            for leftover in folder.glob(f"{files.TEMPORARY}*"):
                if leftover.is_dir():
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink(missing_ok=True)

    def verify(self) -> list[Damage]:
        """Every file that is damaged, missing or not listed; reads every byte, changes nothing."""
        if not self.folder.is_dir():
            raise SpecError(f"{self.folder} is no study; allowed: a folder that `run` has made")
        listed, bad = self.checksums.read()
        found = [Damage("checksums.txt", f"line {number} is damaged") for number in bad]
        if not listed:
            found.append(Damage("checksums.txt", "missing or empty"))
            if not (self.exists() or (self.folder / "study.json").exists()):
                raise SpecError(f"{self.folder} is no study; allowed: a folder that `run` has made")
        wrong = self._wrong(listed)
        slips = self._slips(listed, wrong)
        found += [Damage("checksums.txt", f"its line of {path} is damaged") for path in slips]
        found += [Damage(p, why) for p, why in wrong.items() if p not in slips.values()]
        if not files.is_locked(self.folder):  # a live run lists a block just after it appears
            found += [Damage(p, UNLISTED) for p in self._unlisted(listed) if p not in slips]
        return sorted(found)

    def mend_lines(self) -> None:
        """Write the lines of checksums.txt again that a lost bit made wrong."""
        listed, _ = self.checksums.read()
        for path, name in self._slips(listed, self._wrong(listed)).items():
            self.checksums.remove([name])
            self.record(self.folder / path)

    def _wrong(self, listed: dict[str, str]) -> dict[str, str]:
        return {path: why for path, digest in listed.items() if (why := self._reason(path, digest))}

    def _slips(self, listed: dict[str, str], wrong: Collection[str]) -> dict[str, str]:
        """Whole files whose line in checksums.txt is wrong by a lost bit, and what it names."""
        there = [path for path in wrong if (self.folder / path).is_file()]
        slips = {p: p for p in there if files.alike(listed[p], files.sha256(self.folder / p))}
        if wrong:
            found = {files.sha256(self.folder / path): path for path in self._unlisted(listed)}
            slips |= {found[listed[path]]: path for path in wrong if listed[path] in found}
        return slips

    def _reason(self, path: str, digest: str) -> str:
        try:
            return "" if files.sha256(self.folder / path) == digest else "damaged: other bytes"
        except FileNotFoundError:
            return "missing"
        except OSError as error:
            return f"cannot be read: {error.strerror}"

    def _unlisted(self, listed: dict[str, str]) -> list[str]:
        tables = [p for folder in ("data", *SCHEMAS) for p in (self.folder / folder).glob("[!.]*")]
        single = ("spec.toml", "study.json", REFERENCE)
        present = [*(self.folder / name for name in single), *tables]
        names = [path.relative_to(self.folder).as_posix() for path in present if path.is_file()]
        return [name for name in names if name not in listed]


def _wait_for_workers(folder: Path, say: Callable[[str], None]) -> None:
    """Wait until the last worker of a killed run, or of one whose scheduler was lost, is gone."""

    def waiting() -> None:
        say("workers of an earlier run are still at a block; waiting for them")

    with files.entered(folder, "workers", alone=True, waiting=waiting):
        pass
