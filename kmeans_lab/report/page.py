"""A report as plain data: sections made of parts, and how they read as Markdown.

A part holds text and numbers already worded; the template only lays it out and escapes it, so one
section function serves report.html and summary.md alike.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Span:
    """A few words set apart in a line: `strong`, `code` or `link`; where `url` is given, a link."""

    text: str
    kind: str = "strong"
    url: str = ""


Line = tuple[str | Span, ...]


@dataclass(frozen=True)
class Prose:
    """One paragraph; `tone` is text, lead, aside or warning."""

    kind: ClassVar[str] = "prose"
    line: Line
    tone: str = "text"


@dataclass(frozen=True)
class Share:
    """A table cell that also draws a share in [0, 1] and its interval as a bar."""

    text: str
    low: float
    share: float
    high: float

    @property
    def bar(self) -> tuple[str, str, str]:
        """Width of the bar, left end and width of the interval, in percent."""
        low, share, high = (100 * max(0.0, min(1.0, x)) for x in (self.low, self.share, self.high))
        return f"{share:.2f}", f"{low:.2f}", f"{high - low:.2f}"


@dataclass(frozen=True)
class Table:
    """Rows under column titles; columns named in `words` are set as text, the others as numbers."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | Share, ...], ...]
    words: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)  # of columns to what they mean


@dataclass(frozen=True)
class Panel:
    """One picture: file name without folder, what it shows in words, the bytes, its size in px."""

    name: str
    alt: str
    image: bytes
    width: int
    height: int
    title: str = ""  # what tells it from its neighbors
    lit: bool = False  # light and dark mean something in it, so they do not change places

    @property
    def address(self) -> str:
        """The picture itself as a data address, so that the page loads nothing."""
        kind = "svg+xml" if self.name.endswith(".svg") else "png"
        return f"data:image/{kind};base64,{b64encode(self.image).decode('ascii')}"


@dataclass(frozen=True)
class Pictures:
    """Panels side by side under one caption."""

    kind: ClassVar[str] = "pictures"
    caption: Line
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Film:
    """A player: trusted HTML of the animation room, and a still for paper and Markdown."""

    kind: ClassVar[str] = "film"
    title: str
    caption: Line
    html: str
    still: Panel


@dataclass(frozen=True)
class Explorer:
    """Every start as a dot: plain data for the page's script, and a player for each board in it.

    films: trusted HTML of the animation room, "" for a board without films.
    """

    kind: ClassVar[str] = "explorer"
    data: Mapping[str, Any]
    films: tuple[str, ...]

    @property
    def choices(self) -> list[str]:
        """What each board is called."""
        return [f"{board['data']}, k = {board['k']}" for board in self.data["boards"]]

    @property
    def left_out(self) -> list[str]:
        """Which films the page does not have, and why."""
        cells = [cell for board in self.data["boards"] for cell in board["cells"]]
        return [f"No films of {c['label']} in this page: {c['why']}." for c in cells if c["why"]]


@dataclass(frozen=True)
class Commands:
    """Lines to type in a terminal, or of a file in another language."""

    kind: ClassVar[str] = "commands"
    text: str
    language: str = "sh"


@dataclass(frozen=True)
class Glossary:
    """Words and their meaning, folded away until asked for unless `open`; `prefix` of anchors."""

    kind: ClassVar[str] = "glossary"
    title: str
    terms: tuple[tuple[str, Line], ...]
    open: bool = False
    prefix: str = "term"

    @property
    def entries(self) -> list[tuple[str, str, Line]]:
        """Each term with its anchor in the page before it."""
        return [(slug(self.prefix, word), word, meaning) for word, meaning in self.terms]


@dataclass(frozen=True)
class Beside:
    """Pictures and films that stand beside each other where there is room."""

    kind: ClassVar[str] = "beside"
    parts: "tuple[Pictures | Film, ...]"


Part = Prose | Table | Pictures | Film | Beside | Explorer | Commands | Glossary


@dataclass(frozen=True)
class Section:
    """A heading with its parts; `id` is the anchor in the page."""

    id: str
    title: str
    parts: tuple[Part, ...]


def plain(line: Line) -> str:
    """The words of a line without any markup."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in line)


def slug(*words: object) -> str:
    """File name of lower-case letters, digits and single dashes; letters of any script stay.

    >>> slug("inertia", "Iris <sepal>", "k", 3)
    'inertia-iris-sepal-k-3'
    """
    return re.sub(r"[\W_]+", "-", "-".join(map(str, words)).lower()).strip("-")


def anchor(word: str) -> str:
    """The address, in the page, of what a glossary says of a word.

    >>> anchor("mean gap")
    '#term-mean-gap'
    """
    return f"#{slug('term', word)}"


def markdown(title: str, sections: tuple[Section, ...]) -> str:
    """The sections as Markdown with names escaped; pictures are links into figures/."""
    blocks = [f"# {escape(title)}"]
    for section in sections:
        blocks.append(f"## {escape(section.title)}")
        blocks += [_MARKDOWN[part.kind](part) for part in section.parts]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Text that Markdown (and HTML inside it) shows as it is."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|$#~])", r"\\\1", text)


def _line(line: Line) -> str:
    return "".join(_span(piece) if isinstance(piece, Span) else escape(piece) for piece in line)


def _span(span: Span) -> str:
    if span.url and not span.url.startswith("#"):  # Markdown has no anchors of our own
        return f"[{escape(span.text)}]({span.url})"
    if span.kind == "code":
        return f"`` {span.text} ``" if "`" in span.text else f"`{span.text}`"
    return f"**{escape(span.text)}**"


def _prose(part: Prose) -> str:
    return f"> {_line(part.line)}" if part.tone in ("aside", "warning") else _line(part.line)


def _table(part: Table) -> str:
    rule = [":--" if column in part.words else "--:" for column in part.columns]
    rows = [[cell.text if isinstance(cell, Share) else cell for cell in row] for row in part.rows]
    lines = [_row(map(escape, part.columns)), _row(rule), *(_row(map(escape, row)) for row in rows)]
    return f"*{escape(part.caption)}*\n\n" + "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("\n", " ") for cell in cells) + " |"


def _pictures(part: Pictures) -> str:
    return "\n\n".join([*map(_panel, part.panels), f"*{escape(plain(part.caption))}*"])


def _panel(panel: Panel) -> str:
    title = f"**{escape(panel.title)}**\n\n" if panel.title else ""
    return f"{title}![{escape(panel.alt)}](figures/{panel.name})"


def _film(part: Film) -> str:
    return "\n\n".join([f"**{escape(part.title)}**", _panel(part.still), _line(part.caption)])


def _beside(part: Beside) -> str:
    return "\n\n".join(_MARKDOWN[each.kind](each) for each in part.parts)


def _explorer(part: Explorer) -> str:
    return "It is drawn by a script in report.html."


def _commands(part: Commands) -> str:
    longest = max(map(len, re.findall("`+", part.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{part.language}\n{part.text}\n{fence}"


def _glossary(part: Glossary) -> str:
    return "\n".join(f"- **{escape(word)}**: {_line(meaning)}" for word, meaning in part.terms)


_MARKDOWN: dict[str, Callable[[Any], str]] = {
    "prose": _prose,
    "table": _table,
    "pictures": _pictures,
    "film": _film,
    "beside": _beside,
    "explorer": _explorer,
    "commands": _commands,
    "glossary": _glossary,
}
