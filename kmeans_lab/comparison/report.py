"""The folder of a comparison: the page, its tables as CSV and LaTeX, its pictures, its numbers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__, files
from ..errors import SpecError
from ..report.layout import html, panels
from ..report.page import markdown, plain
from ..report.summary import strict
from ..wording import count
from .latex import latex
from .sections import SECTIONS
from .tables import TABLES
from .verdict import names, verdict

if TYPE_CHECKING:
    from .comparison import Comparison

SCHEMA_VERSION = 1
LONGEST = 80  # letters of a folder's name that is made of the studies' names
FOOTER = "Made by kmeans_lab {version} from {folders}."


def build(comparison: "Comparison", folder: Path) -> Path:
    """Write the comparison into a folder, new or of an earlier one; gives the page's path.

    Raises SpecError where the folder holds something else, RunError where it cannot be written.
    """
    _check(folder)
    made = tuple(make(comparison) for make in SECTIONS.values())
    frames = {name: table.frame(comparison) for name, table in TABLES.items()}
    title = names([study.spec.name for study in comparison.studies])
    # The summary first: it says whose folder this is.
    contents = {"summary.json": _summary(comparison, frames)}
    for name, table in TABLES.items():
        text = frames[name].to_csv(index=False, lineterminator="\n")
        contents[f"tables/{name}.csv"] = text.encode()
        if len(frames[name]):  # without rows LaTeX has nothing to set
            contents[f"tables/{name}.tex"] = latex(table.worded(comparison)).encode()
    contents |= {f"figures/{panel.name}": panel.image for panel in panels(made)}
    contents["summary.md"] = markdown(title, made).encode()
    contents["report.html"] = html(
        title,
        made,
        description=" ".join(plain(line) for line in verdict(comparison)),
        facts=_facts(comparison),
        footer=FOOTER.format(version=__version__, folders=", ".join(_folders(comparison))),
    ).encode()
    return _written(folder, contents)


def default_folder(comparison: "Comparison") -> Path:
    """Beside the first study, named after all."""
    names = [study.folder.resolve().name for study in comparison.studies]
    name = f"comparison-{'-'.join(names)}"
    if len(name) > LONGEST:
        name = f"comparison-{names[0][:40]}-and-{len(names) - 1}-more"
    return comparison.studies[0].folder.parent / name


def _check(folder: Path) -> None:
    """Refuse a folder that is not a comparison's."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        known = "comparison" in json.loads((folder / "summary.json").read_bytes())
    except (OSError, ValueError, TypeError):
        known = False
    if not known:
        raise SpecError(
            f"{folder} is there and is no comparison; allowed: a new folder, or that of an earlier "
            "comparison: give another --output"
        )


def _summary(comparison: "Comparison", frames: Mapping[str, Any]) -> bytes:
    """The numbers for programs: strict JSON, null where a number is not defined."""
    ranking = comparison.ranking
    found = {
        "schema_version": SCHEMA_VERSION,
        "comparison": [
            {"study": study.spec.name, "folder": str(study.folder), "starts": len(study.runs)}
            | {"spec_digest": study.store.about()["spec_digest"]}
            for study in comparison.studies
        ],
        "verdict": [plain(line).replace("\u00a0", " ") for line in verdict(comparison)],
        "data_sets": len(ranking.scores),
        "data_sets_needed": ranking.needed,
        "left_out": ranking.left_out,
    } | {name: frame.to_dict("records") for name, frame in frames.items()}
    text = json.dumps(strict(found), indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def _facts(comparison: "Comparison") -> list[str]:
    ks = sorted({cell.k for cell in comparison.cells})
    studies = len(comparison.studies)
    return [
        f"{studies} {'study' if studies == 1 else 'studies'}",
        ", ".join(comparison.datasets),
        f"k = {', '.join(map(str, ks))}",
        ", ".join(comparison.inits),
        f"{count(len(comparison.runs))} starts in {count(len(comparison.cells))} cells",
    ]


def _folders(comparison: "Comparison") -> list[str]:
    return [str(study.folder) for study in comparison.studies]


def _written(folder: Path, contents: Mapping[str, bytes]) -> Path:
    """The files, each whole, the page last; tables and pictures of before removed."""
    page = folder / "report.html"
    with files.advised(page):
        for name in ("tables", "figures"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            files.write(folder / name, content)
        for path in [*(folder / "tables").iterdir(), *(folder / "figures").iterdir()]:
            if path.relative_to(folder).as_posix() not in contents:
                path.unlink()
    return page
