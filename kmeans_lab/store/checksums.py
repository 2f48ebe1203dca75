"""The list of a study's files and their checksums."""

import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ..files import Kept, advised, alike, entered, sha256, write

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)\n")  # a line torn by a kill has no end


class Checksums:
    """Files and their SHA-256, as `sha256sum --check` reads them; a path's last line counts.

    Only while a file is replaced it has two, and that one counts which is the file's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._listed, self._digest = Kept(lambda _: self._lines()[0]), Kept(sha256)
        self._seen = _Seen()

    def read(self) -> tuple[dict[str, str], list[int]]:
        """Checksums by path, and the numbers of lines that say nothing."""
        lines, bad = self._lines()
        return {name: self._counting(name, digests) for name, digests in lines.items()}, bad

    def of(self, name: str) -> list[str]:
        """Checksums of a path: one, none where it is not listed, or two."""
        return self._lines()[0].get(name, [])

    def _lines(self) -> tuple[dict[str, list[str]], list[int]]:
        try:
            with self.path.open("rb") as file:
                matches = [_parsed(line) for line in file]
        except FileNotFoundError:
            return {}, []
        listed: dict[str, list[str]] = {}
        for match in filter(None, matches):
            listed.setdefault(match[2], []).append(match[1])
        return listed, [number for number, match in enumerate(matches, 1) if not match]

    def _counting(self, name: str, digests: list[str]) -> str:
        if len(digests) > 1:
            with suppress(OSError):
                digests = [*digests, *{sha256(self.path.parent / name)}.intersection(digests)]
        return digests[-1]

    def broken(self, path: Path) -> bool:
        """Whether a listed file has other bytes than when it was written.

        Bytes are read once, and again when the file has changed. Raises OSError where it cannot be.
        """
        name = path.relative_to(self.path.parent).as_posix()
        for _ in range(2):  # a live run may have written the file and not yet its line
            listed = self._listed.of(self.path) if self.path.exists() else {}
            digests = listed.get(name, [])
            if not digests or any(alike(each, self._digest.of(path)) for each in digests):
                return False
        return True

    def add(self, checksums: Mapping[str, str]) -> None:
        """List more files, durably, each with one checksum."""
        with self._alone():
            fresh = {name: [digest] for name, digest in checksums.items()}
            if self._seen.is_bad(self.path) or fresh.keys() & self._seen.names:
                write(self.path, _text(self._lines()[0] | fresh))
            else:
                self._append(_text(fresh))

    def expect(self, name: str, digest: str) -> None:
        """List another checksum of a file that is about to be replaced."""
        with self._alone():
            listed, _ = self._lines()
            write(self.path, _text(listed | {name: [*listed.get(name, []), digest]}))

    def remove(self, paths: Iterable[str]) -> None:
        """List these files no more."""
        with self._alone():
            listed, bad = self._lines()
            gone = listed.keys() & set(paths)
            if bad or gone:
                write(self.path, _text({p: d for p, d in listed.items() if p not in gone}))

    def _append(self, lines: bytes) -> None:
        """All of them, or none where the disk is full."""
        # Unbuffered, so that a full disk is met when writing and not once more when closing.
        with self.path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                if file.write(lines) < len(lines):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One change at a time: a report may be made while a run goes on."""
        with advised(self.path), entered(self.path.parent, "list", alone=True):
            yield


class _Seen:
    """The names of a list that grows, of which each time only what is new is read.

    To list the 3000th block takes as long as the first; as a whole it took seven times that.
    """

    def __init__(self) -> None:
        self._inode = -1
        self._forget()

    def _forget(self) -> None:
        self.names: set[str] = set()
        self._bad, self._end, self._last = False, 0, b""

    def is_bad(self, path: Path) -> bool:
        """Whether a line says nothing; `names` are then those that the others list."""
        for line in self._new(path):
            self._end, self._last = self._end + len(line), line
            match = _parsed(line)
            self._bad = self._bad or match is None
            self.names.update([match[2]] if match else [])
        return self._bad

    def _new(self, path: Path) -> list[bytes]:
        """The lines since the last time; all of them where the list is another file."""
        if not path.exists():
            self._forget()
            return []
        with path.open("rb") as file:
            same = os.fstat(file.fileno()).st_ino == self._inode
            file.seek(self._end - len(self._last))
            if not same or file.read(len(self._last)) != self._last:
                self._inode = os.fstat(file.fileno()).st_ino
                self._forget()
                file.seek(0)
            return file.readlines()


def _parsed(line: bytes) -> re.Match[str] | None:
    """Digest and path of a line; None where it is none."""
    match = _LINE.fullmatch(line.decode(errors="replace"))
    return match if match and _is_below(match[2]) else None


def _is_below(name: str) -> bool:
    """Whether a path stays in the folder where it begins: others are not ours to read or remove."""
    return "\0" not in name and name[0] != "/" and ".." not in name.split("/")


def _text(checksums: Mapping[str, list[str]]) -> bytes:
    lines = [f"{digest}  {path}\n" for path, each in checksums.items() for digest in each]
    return "".join(lines).encode()
