"""Sections as one HTML page that loads nothing."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files as resources
from typing import Any

from .page import Beside, Explorer, Film, Panel, Part, Pictures, Section

SCRIPTS = ("kmeans.js", "filming.js", "dots.js", "explorer.js")


def html(
    title: str,
    sections: Sequence[Section],
    *,
    description: str,
    facts: Sequence[str],
    footer: str,
    assets: str = "",
) -> str:
    """The page. description: what a search shows of it; facts: a line under the title.

    assets: trusted HTML of the head, for the films.
    """
    if any(isinstance(part, Explorer) for section in sections for part in section.parts):
        assets += explorer_assets()
    page: str = _template().render(
        title=title,
        description=description,
        style=_asset("report.css"),
        assets=assets,
        facts=facts,
        sections=sections,
        footer=footer,
    )
    return page


@cache
def explorer_assets() -> str:
    """The style and the scripts of the explorer, once a page, after those of the films."""
    style = f"<style>{_asset('explorer.css')}</style>\n"
    return style + "\n".join(f"<script>{_asset(name)}</script>" for name in SCRIPTS)


def panels(sections: Iterable[Section]) -> Iterator[Panel]:
    """Every picture of the sections, the films' stills among them."""
    for section in sections:
        for part in section.parts:
            yield from _panels_of(part)


def _panels_of(part: Part) -> tuple[Panel, ...]:
    if isinstance(part, Film):
        return (part.still,)
    if isinstance(part, Beside):
        return tuple(panel for each in part.parts for panel in _panels_of(each))
    return part.panels if isinstance(part, Pictures) else ()


def _asset(name: str) -> str:
    return (resources("kmeans_lab.assets") / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_asset("report.html.j2"))
