"""A table of a page as a LaTeX tabular; it needs no package but booktabs."""

import re

from ..report.page import Share, Table

# Signs of wording that LaTeX's standard fonts lack, or sets otherwise.
SIGNS = {
    "–": "--",
    "−": "$-$",
    "∞": r"$\infty$",
    "≥": r"$\ge$",
    "≈": r"$\approx$",
    "×": r"$\times$",
    "\u00a0": "~",
    "\u202f": r"\,",
    "\u2060": "",
}
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{letter: rf"\{letter}" for letter in "&%$#_"},
    **SIGNS,
}
HIGH, LOW = (str.maketrans(raised, "-0123456789") for raised in ("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "₋₀₁₂₃₄₅₆₇₈₉"))


def latex(table: Table) -> str:
    """The table, words to the left and numbers to the right, its caption as a comment above."""
    aligned = "".join("l" if column in table.words else "r" for column in table.columns)
    rows = [_row([v.text if isinstance(v, Share) else v for v in row]) for row in table.rows]
    lines = [
        f"% {' '.join(table.caption.split())}",
        "% \\usepackage{booktabs}",
        f"\\begin{{tabular}}{{{aligned}}}",
        "\\toprule",
        _row(table.columns),
        "\\midrule",
        *rows,
        "\\bottomrule",
        "\\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Text that LaTeX sets as it is.

    >>> escape("a_b & 3 %"), escape("A₁₂ < 10⁻⁷")
    ('a\\\\_b \\\\& 3 \\\\%', 'A$_{12}$ \\\\textless{} 10$^{-7}$')
    """
    shown = "".join(SPECIAL.get(letter, letter) for letter in text)
    shown = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: f"$^{{{found[0].translate(HIGH)}}}$", shown)
    return re.sub("[₋₀₁₂₃₄₅₆₇₈₉]+", lambda found: f"$_{{{found[0].translate(LOW)}}}$", shown)


def _row(cells: "list[str] | tuple[str, ...]") -> str:
    """One row; braces keep a "[" at its beginning from being an option of the row before."""
    words = [escape(cell).replace("\n", " ") for cell in cells]
    return " & ".join(f"{{{word}}}" if word.startswith(("[", "*")) else word for word in words) + (
        r" \\"
    )
