"""A study's folder: what it was made of, what is done, and whether every byte is still right."""

import json
import os
import platform
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from . import datasets, files
from .blocks import SCHEMAS, Blocks, Receipt
from .datasets import Dataset
from .errors import RunError, SpecError
from .resolve import Resolved, digest, dumps
from .spec import Spec, read
from .tables import SCHEMA_VERSION

__all__ = ["Damage", "Receipt", "Store"]

UNLISTED = "not in checksums.txt"
PACKAGES = ("kmeans_lab", "numpy", "numba", "scikit-learn", "scipy", "joblib", "pandas", "pyarrow")


class Damage(NamedTuple):
    """A file that is not what it was when it was written."""

    path: str  # in the study's folder
    reason: str


class Store(Blocks):
    """Everything under results/<study>/; it can be moved, and read without the original data."""

    def __init__(self, folder: str | Path) -> None:
        super().__init__(Path(folder))
        self.checksums = files.Checksums(self.folder / "checksums.txt")

    def exists(self) -> bool:
        """Whether a study is here; its spec.toml is the last file of its making."""
        return (self.folder / "spec.toml").is_file()

    def lock(self) -> AbstractContextManager[None]:
        """The one writer's lock. Raises RunError where another run holds it."""
        return files.locked(self.folder)

    def create(self, resolved: Resolved) -> None:
        """Lay out a new study: data, empty tables, provenance, and the spec last."""
        if self.names():
            raise RunError(f"{self.folder} holds starts but no spec.toml; --fresh sets it aside")
        listed = self.prepare()
        (self.folder / "data").mkdir(exist_ok=True)
        for name, dataset in resolved.datasets.items():
            path = self.folder / "data" / f"{name}.parquet"
            listed[f"data/{name}.parquet"] = datasets.write_parquet(dataset, path)
        listed["study.json"] = self.write_about(resolved)
        text = dumps(resolved.spec).encode()
        self.checksums.rewrite(listed | {"spec.toml": sha256(text).hexdigest()})
        files.write(self.folder / "spec.toml", text)

    def write_about(self, resolved: Resolved) -> str:
        """Write study.json: what the study was made of and with; gives its SHA-256."""
        about = {
            "schema_version": SCHEMA_VERSION,
            "spec_digest": digest(resolved.spec),
            "spec_folder": os.path.relpath(resolved.spec.base, self.folder),
            "spec": dumps(resolved.spec),
            "datasets": {
                name: {"fingerprint": dataset.fingerprint, "shape": list(dataset.X.shape)}
                for name, dataset in resolved.datasets.items()
            },
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "packages": {name: _version(name) for name in PACKAGES},
            "machine": {
                "system": platform.platform(),
                "architecture": platform.machine(),
                "cores": os.cpu_count(),
            },
        }
        text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
        return files.write(self.folder / "study.json", text.encode())

    def about(self) -> dict[str, Any]:
        """study.json. Raises SpecError for a newer version, RunError for a damaged file."""
        path = self.folder / "study.json"
        try:
            about: dict[str, Any] = json.loads(path.read_bytes())
            made = int(about["schema_version"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path} is missing or damaged ({error})") from error
        if made > SCHEMA_VERSION:
            raise SpecError(
                f"{self.folder} has schema_version {made}; this kmeans_lab reads up to "
                f"{SCHEMA_VERSION}: upgrade it"
            )
        return about

    def spec(self) -> Spec:
        """The spec as it was resolved; `module:function` is looked for beside the one it came from.

        Raises SpecError for a study of a newer version, RunError for a damaged file.
        """
        return self.spec_in(self.folder / self.about()["spec_folder"])

    def spec_in(self, base: Path) -> Spec:
        """The spec in spec.toml, its paths beginning in `base`."""
        try:
            return replace(read(self.folder / "spec.toml"), base=base)
        except SpecError as error:
            raise RunError(
                f"{error}; `kmeans-lab verify {self.folder} --repair` mends it"
            ) from error

    def save_spec(self, spec: Spec) -> None:
        """Write spec.toml where it says something else."""
        text = dumps(spec).encode()
        digest = sha256(text).hexdigest()
        path = self.folder / "spec.toml"
        if self.checksums.read()[0].get("spec.toml") != digest or path.read_bytes() != text:
            files.write(path, text)
            self.checksums.add({"spec.toml": digest})

    def dataset(self, name: str) -> Dataset:
        """A data set as the study keeps it. Raises RunError where it is another than at first."""
        dataset = datasets.read_parquet(self.folder / "data" / f"{name}.parquet")
        if dataset.fingerprint != self.about()["datasets"][name]["fingerprint"]:
            raise RunError(
                f"{self.folder}/data/{name}.parquet is not the data the study began with"
            )
        return dataset

    def record(self, *paths: Path) -> None:
        """List files of the study, such as the report's, with their checksums."""
        self.checksums.add(
            {path.relative_to(self.folder).as_posix(): files.sha256(path) for path in paths}
        )

    def settle(self, steps: bool) -> list[str]:
        """Put away what a killed run left; its finished blocks are read in full and adopted.

        steps: whether starts have steps here. Gives lines that tell what was found. Needs the lock.
        """
        self._clean()
        listed, bad = self.checksums.read()
        known = {f"{table}/schema.parquet" for table in SCHEMAS}
        told = []
        for name in self.names():
            paths = {f"{t}/{name}.parquet" for t in SCHEMAS if t == "runs" or steps}
            try:
                if not paths <= listed.keys():
                    self.check(name, steps)
                    listed |= {path: files.sha256(self.folder / path) for path in paths}
                known |= paths
            except RunError as error:
                self.discard([name])
                told.append(f"computing {name} again: {error}")
        kept = {
            p: d for p, d in listed.items() if p in known or not p.startswith(("runs/", "steps/"))
        }
        if bad or kept != self.checksums.read()[0]:
            self.checksums.rewrite(kept)
        return told

    def _clean(self) -> None:
        for folder in (self.folder, *(self.folder / name for name in ("data", *SCHEMAS))):
            for leftover in folder.glob(f"{files.TEMPORARY}*"):
                leftover.unlink(missing_ok=True)
        for name in set(self.names("steps")) - set(self.names()):
            self.path("steps", name).unlink(missing_ok=True)

    def verify(self) -> list[Damage]:
        """Every file that is damaged, missing or not listed; reads every byte, changes nothing."""
        listed, bad = self.checksums.read()
        found = [Damage("checksums.txt", f"line {number} is damaged") for number in bad]
        if not listed:
            found.append(Damage("checksums.txt", "missing or empty"))
            if not (self.exists() or (self.folder / "study.json").exists()):
                raise SpecError(f"{self.folder} is no study; allowed: a folder that `run` has made")
        found += [Damage(p, reason) for p, d in listed.items() if (reason := self._reason(p, d))]
        if not files.is_locked(self.folder):  # a live run lists a block just after it appears
            found += [Damage(path, UNLISTED) for path in self._unlisted(listed)]
        return sorted(found)

    def _reason(self, path: str, digest: str) -> str:
        try:
            return "" if files.sha256(self.folder / path) == digest else "damaged: other bytes"
        except FileNotFoundError:
            return "missing"
        except OSError as error:
            return f"cannot be read: {error.strerror}"

    def _unlisted(self, listed: dict[str, str]) -> list[str]:
        tables = [p for folder in ("data", *SCHEMAS) for p in (self.folder / folder).glob("[!.]*")]
        present = [self.folder / "spec.toml", self.folder / "study.json", *tables]
        names = [path.relative_to(self.folder).as_posix() for path in present if path.is_file()]
        return [name for name in names if name not in listed]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "not installed"
