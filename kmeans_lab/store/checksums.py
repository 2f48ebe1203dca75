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

    def read(self) -> tuple[dict[str, str], list[int]]:
        """Checksums by path, and the numbers of lines that say nothing."""
        lines, bad = self._lines()
        return {name: self._counting(name, digests) for name, digests in lines.items()}, bad

    def of(self, name: str) -> list[str]:
        """Checksums of a path: one, none where it is not listed, or two."""
        return self._lines()[0].get(name, [])

    def _lines(self) -> tuple[dict[str, list[str]], list[int]]:
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}, []
        matches = [_LINE.fullmatch(line) for line in text.splitlines(keepends=True)]
        matches = [match if match and _is_below(match[2]) else None for match in matches]
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
            listed, bad = self._lines()
            fresh = {name: [digest] for name, digest in checksums.items()}
            if bad or fresh.keys() & listed.keys():
                write(self.path, _text(listed | fresh))
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
        with advised(self.path), entered(self.path.parent, alone=True):
            yield


def _is_below(name: str) -> bool:
    """Whether a path stays in the folder where it begins: others are not ours to read or remove."""
    path = Path(name)
    return "\0" not in name and not path.is_absolute() and ".." not in path.parts


def _text(checksums: Mapping[str, list[str]]) -> bytes:
    lines = [f"{digest}  {path}\n" for path, each in checksums.items() for digest in each]
    return "".join(lines).encode()
