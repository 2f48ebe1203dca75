"""The report: a study's sections as a page, as Markdown and as JSON, from stored files alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from ..film.animation import player_assets
from ..wording import count
from . import appendix, best, evidence, payload, portraits, sections
from .findings import cases
from .layout import html, panels
from .lead import led
from .page import Section, markdown, plain
from .summary import summary
from .verdict import verdict

if TYPE_CHECKING:
    from ..study.study import Study

FOOTER = "Made by kmeans_lab {version} from the study {name}, spec digest {digest}."


def build(study: "Study") -> Path:
    """Write report.html, summary.md, summary.json and figures/; gives the path of report.html.

    Raises RunError where they cannot be written or a stored file is damaged.
    """
    made = tuple(section for make in SECTIONS.values() if (section := make(study)))
    contents = {f"figures/{panel.name}": panel.image for panel in panels(made)} | {
        "summary.json": summary(study),
        "summary.md": markdown(study.spec.name, made).encode(),
        "report.html": page(study, made).encode(),
    }
    return _written(study, contents)


def page(study: "Study", made: Sequence[Section]) -> str:
    """The sections as one HTML page that loads nothing."""
    about = study.store.about()
    return html(
        study.spec.name,
        led(study, made),
        description=" ".join(plain(line) for line in verdict(cases(study))),
        facts=_facts(study),
        footer=FOOTER.format(
            version=about["packages"]["kmeans_lab"],
            name=study.spec.name,
            digest=about["spec_digest"][:12],
        ),
        assets=player_assets(),
    )


def _facts(study: "Study") -> list[str]:
    """The study in a line."""
    spec = study.spec
    ks = ", ".join(map(str, spec.grid.k))
    cells = len(study.cells)
    return [
        ", ".join(data.label for data in spec.data),
        f"k = {ks}",
        ", ".join(spec.grid.init),
        f"{count(len(study.runs))} starts in {count(cells)} cell{'s' * (cells > 1)}",
        f"seeds {spec.seed}–{spec.seed + spec.most_starts - 1}",
    ]


def _written(study: "Study", contents: dict[str, bytes]) -> Path:
    """The files in the study's folder, each whole, the page last; pictures of before removed."""
    store, page = study.store, study.folder / "report.html"
    pictures = study.folder / "figures"
    with files.advised(page):
        pictures.mkdir(exist_ok=True)
        before = {f"figures/{path.name}": path for path in pictures.iterdir() if path.is_file()}
        # A kill may leave a file unlisted, never wrongly listed.
        store.checksums.remove([*before, *contents])
        for name, content in contents.items():
            files.write(study.folder / name, content)
        for name in before.keys() - contents.keys():
            before[name].unlink()
    store.record(*(study.folder / name for name in contents))
    return page


SECTIONS: dict[str, Callable[["Study"], Section | None]] = {
    "verdict": sections.conclusion,
    "portrait": portraits.portraits,
    "explorer": payload.explorer,
    "data": sections.data,
    "optima": sections.ends,
    "richness": evidence.richness,
    "best": best.best,
    "restarts": sections.restarts,
    "costs": evidence.costs,
    "inits": evidence.inits,
    "stability": evidence.stability,
    "fate": evidence.fate,
    "steps": sections.iterations,
    "silhouette": sections.silhouette,
    "over-k": sections.over_k,
    "films": appendix.films,
    "provenance": appendix.provenance,
    "repeat": appendix.repeat,
    "definitions": evidence.definitions,
    "sources": appendix.sources,
}
