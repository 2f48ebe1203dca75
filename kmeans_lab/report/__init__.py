"""A study on one page: sections of plain data, laid out as HTML, Markdown and JSON."""
