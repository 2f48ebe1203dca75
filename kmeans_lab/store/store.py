"""A study's folder: what it was made of, what is done, and whether every byte is still right."""

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pyarrow as pa

from .. import files
from ..data import datasets
from ..data.datasets import Dataset
from ..errors import RunError, SpecError
from ..spec.callables import code_digest
from ..spec.resolve import Resolved, digest, dumps
from ..spec.spec import Spec, parse, read
from ..trace.sense import sensible
from ..trace.tables import REFERENCE_SCHEMA, SCHEMA_VERSION
from .blocks import OTHER, Receipt, packed
from .ledger import REFERENCE, UNLISTED, Damage, Ledger
from .provenance import loaded, misshapen

__all__ = ["REFERENCE", "UNLISTED", "Damage", "Receipt", "Store"]

PACKAGES = ("kmeans_lab", "numpy", "numba", "scikit-learn", "scipy", "joblib", "pandas", "pyarrow")


class Store(Ledger):
    """Everything under results/<study>/; it can be moved, and read without the original data."""

    def create(self, resolved: Resolved) -> None:
        """Lay out a new study: data, empty tables, provenance, and the spec last."""
        if self.names():
            raise RunError(
                f"{self.folder} holds starts but no spec.toml; `kmeans-lab verify {self.folder} "
                "--repair` mends it, --fresh sets it aside"
            )
        checksums = self.prepare()
        with files.advised(self.folder / "data"):
            (self.folder / "data").mkdir(exist_ok=True)
        for name, dataset in resolved.datasets.items():
            path = self.folder / "data" / f"{name}.parquet"
            checksums[f"data/{name}.parquet"] = datasets.write_parquet(dataset, path)
        self.checksums.add(checksums)
        self.write_about(resolved)
        self.put("spec.toml", dumps(resolved.spec))

    def write_about(self, resolved: Resolved) -> None:
        """Write study.json: what the study was made of and with."""
        about = {
            "schema_version": SCHEMA_VERSION,
            "spec_digest": digest(resolved.spec),
            "spec_folder": os.path.relpath(resolved.spec.base, self.folder),
            "spec": dumps(resolved.spec),
            "inits": _codes(resolved.spec),
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
        self.put("study.json", _json(about))

    def about(self) -> dict[str, Any]:
        """study.json. Raises SpecError for a newer version, RunError for a damaged file."""
        path = self.folder / "study.json"
        try:
            about, made = loaded(path.read_bytes())
        except (OSError, ValueError) as error:
            raise self._damaged(path, f"or missing: {type(error).__name__}") from error
        if made > SCHEMA_VERSION:
            raise SpecError(
                f"{self.folder} has schema_version {made}; this kmeans_lab reads up to "
                f"{SCHEMA_VERSION}: upgrade it"
            )
        if self.checksums.broken(path):
            raise self._damaged(path, OTHER)
        if key := misshapen(about):
            raise self._damaged(path, f"its {key!r} is not what a run writes")
        return about

    def first(self, name: str) -> dict[str, Any]:
        """Fingerprint and shape of a data set as the study began with it."""
        datasets: dict[str, dict[str, Any]] = self.about()["datasets"]
        if name not in datasets:
            raise self._damaged(self.folder / "study.json", f"it knows no data set {name!r}")
        return datasets[name]

    def spec(self) -> Spec:
        """The spec as it was resolved; `module:function` is looked for beside the one it came from.

        From its copy in study.json: in spec.toml a user may have written what to run next.
        Raises SpecError for a study of a newer version, RunError for a damaged file.
        """
        about = self.about()
        return parse(about["spec"], self.folder / "spec.toml", self.folder / about["spec_folder"])

    def spec_in(self, base: Path) -> Spec:
        """The spec in spec.toml, its paths beginning in `base`."""
        path = self.folder / "spec.toml"
        try:
            if self.checksums.broken(path):
                raise SpecError(OTHER)
            return replace(read(path), base=base)
        except (OSError, SpecError) as error:
            raise self._damaged(path, str(error)) from error

    def save_spec(self, spec: Spec) -> None:
        """Write spec.toml, and its copy in study.json, where they say something else."""
        text = dumps(spec)
        self.put("study.json", _json(self.about() | {"spec": text}))
        self.put("spec.toml", text)

    def save_inits(self, spec: Spec) -> None:
        """Let study.json say that users' initializers are what they are now."""
        self.put("study.json", _json(self.about() | {"inits": _codes(spec)}))

    def save_shards(self, number: int) -> None:
        """Let study.json say in how many shards the study is being run."""
        self.put("study.json", _json(self.about() | {"shards": number}))

    def changed_inits(self, spec: Spec) -> list[str]:
        """Users' initializers whose file is not what it was when the study began."""
        began = self.about().get("inits", {})
        return [
            init for init, code in _codes(spec).items() if code and began.get(init, code) != code
        ]

    def reference(self) -> list[dict[str, Any]]:
        """The best partition that a search found for each data set and k, as far as there is one.

        Keys: the columns of REFERENCE_SCHEMA. Raises RunError where the file is damaged.
        """
        path = self.folder / REFERENCE
        if not path.exists():
            return []
        with self._open(path, REFERENCE_SCHEMA) as file:
            rows: list[dict[str, Any]] = sensible(file.read(), REFERENCE_SCHEMA).to_pylist()
        spec = self.spec()
        sizes = {
            (data.label, k): k * self.first(data.label)["shape"][1]
            for data in spec.data
            for k in spec.grid.k
        }
        if any(len(row["centers"]) != sizes.get((row["dataset"], row["k"])) for row in rows):
            raise self._damaged(path, "it is of other data or k than the study")
        return rows

    def save_reference(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write reference.parquet, and to study.json the swaps that make it again."""
        self.put(REFERENCE, packed(pa.Table.from_pylist([*rows], REFERENCE_SCHEMA)))
        swaps = {f"{row['dataset']}/{row['k']}": row["swaps"] for row in rows}
        self.put("study.json", _json(self.about() | {"reference": swaps}))

    def dataset(self, name: str) -> Dataset:
        """A data set as the study keeps it. Raises RunError where it is another than at first."""
        path = self.folder / "data" / f"{name}.parquet"
        if path.exists() and self.checksums.broken(path):
            raise self._damaged(path, OTHER)
        dataset = datasets.read_parquet(path)
        first = self.first(name)
        if (first["fingerprint"], first["shape"]) != (dataset.fingerprint, [*dataset.X.shape]):
            raise RunError(
                f"{self.folder}/data/{name}.parquet is not the data the study began with"
            )
        return dataset


def _codes(spec: Spec) -> dict[str, str]:
    codes = {init: code_digest(init, spec.base) for init in spec.grid.init}
    return {init: code for init, code in codes.items() if code}


def _json(about: dict[str, Any]) -> str:
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


@cache
def _version(package: str) -> str:
    try:
        found = distribution(package)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "not installed"
    # Not `found.version`, which parses the whole, a package's README with it: 8 ms for all.
    told = re.search(r"^Version: *(.+)$", found.read_text("METADATA") or "", re.MULTILINE)
    return told[1] if told else found.version
