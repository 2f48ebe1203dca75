"""The report for programs: summary.json, strict JSON with null where a number is not defined."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..study import views
from ..trace.tables import SCHEMA_VERSION
from .duels import Duel, duels
from .findings import Pair, cases, pairs_of
from .page import plain
from .verdict import verdict

if TYPE_CHECKING:
    import pandas as pd

    from ..study.study import Study

OPTIMA = 50  # of each data set and k


def summary(study: "Study") -> bytes:
    """The study's numbers: `study.summary()` by cell, each interval as [low, high]; the optima."""
    about = study.store.about()
    found = {
        "schema_version": SCHEMA_VERSION,
        "study": study.spec.name,
        "spec_digest": about["spec_digest"],
        "starts": len(study.runs),
        "starts_planned": sum(cell.starts for cell in study.cells),
        "verdict": [plain(line).replace("\u00a0", " ") for line in verdict(cases(study))],
        "cells": [_cell(row) for row in study.summary().to_dict("records")],
        "reference": study.reference.to_dict("records"),
        "optima": [_optima(study, pair) for pair in pairs_of(study)],
        **{name: _table(getattr(study, name)) for name in ("richness", "costs", "stability")},
        "inits": [_duel(pair, duel) for pair in pairs_of(study) for duel in duels(study, pair)],
    }
    text = json.dumps(strict(found), indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def _cell(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of `study.summary()`, low and high ends joined."""
    ends = {key.removesuffix("_low") for key in row if key.endswith("_low")}
    cell: dict[str, Any] = {}
    for key, value in row.items():
        if key.removesuffix("_low") in ends or key.removesuffix("_high") in ends:
            if key in ends:
                cell |= {key: value, f"{key}_interval": [row[f"{key}_low"], row[f"{key}_high"]]}
        else:
            cell[key] = value
    return cell


def _table(table: "pd.DataFrame") -> list[dict[str, Any]]:
    return [_cell(row) for row in table.to_dict("records")]


def _duel(pair: Pair, duel: Duel) -> dict[str, Any]:
    """Two inits: each estimate with its interval."""
    told: dict[str, Any] = {"dataset": pair.dataset, "k": pair.k, "init": duel.one}
    told["against"] = duel.other
    for name, (value, low, high) in (("a12", duel.lower), ("success_difference", duel.reach)):
        told |= {name: value, f"{name}_interval": [low, high]}
    return told


def _optima(study: "Study", pair: Pair) -> dict[str, Any]:
    found = views.optima_of(study, pair.cells[0])
    best = study.best(pair.dataset, pair.k)
    head = {"dataset": pair.dataset, "k": pair.k, "best_inertia": best, "count": len(found)}
    return head | {"listed": [_optimum(row, pair) for row in found[:OPTIMA].to_dict("records")]}


def _optimum(row: Mapping[Any, Any], pair: Pair) -> dict[str, Any]:
    names = ("optimum", "inertia", "gap", "silhouette", "ari", "sizes", "starts", "share")
    by_init = {
        cell.init: {kind: row.get(f"{kind}[{cell.init}]", 0) for kind in ("starts", "share")}
        for cell in pair.cells
    }
    example = {key: row[key] for key in ("run", "init", "seed")}
    said = {name: row[name] for name in names}
    helped = row["transfer_improves"]  # or null
    said["transfer_improves"] = bool(helped) if isinstance(helped, bool | np.bool_) else None
    return said | {"by_init": by_init, "example": example, "partition": row["partition"]}


def strict(value: Any) -> Any:
    """The value as JSON knows it; null for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [strict(item) for item in value]
    if isinstance(value, np.generic):
        return strict(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value
