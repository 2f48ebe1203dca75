"""A real browser over a small study's report; collected by `pytest tests/browser -m browser`."""

import shutil
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SPEC = """
name = "small"
runs = 12
[[data]]
source = "iris"
name = "iris <b>&amp; $x$"
columns = ["sepal length (cm)", "sepal width (cm)"]
truth = "species"
[grid]
k = [3]
init = ["random", "k-means++"]
[render]
pick = ["best"]
format = ["png"]
"""


def pytest_ignore_collect(collection_path, config):
    """Plain `pytest` passes this folder by: it needs a browser."""
    return None if config.option.markexpr == "browser" else True


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """report.html of a small study with an awkward name for its data."""
    import kmeans_lab as kl

    folder = tmp_path_factory.mktemp("browser")
    spec = folder / "small.toml"
    spec.write_text(SPEC, encoding="utf-8")
    kl.run(spec, results=folder / "results", report=True)
    return folder / "results" / "small" / "report.html"


def executable(playwright) -> str:
    """Path of a browser: the system's, else the one Playwright installed."""
    found = next(filter(None, map(shutil.which, BROWSERS)), playwright.chromium.executable_path)
    if not Path(found).exists():
        pytest.fail(
            "no browser found: apt-get install chromium (or python -m playwright install chromium)"
        )
    return found


@pytest.fixture(scope="session")
def browser():
    """One headless browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(playwright), args=QUIET)
        yield chromium
        chromium.close()


class Visit:
    """A page at a width, with what it logged as an error and what it asked for outside."""

    def __init__(self, browser, report, width, address="", **options):
        self.page = browser.new_page(viewport={"width": width, "height": 844}, **options)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(report.as_uri() + address)

    @property
    def outside(self) -> list[str]:
        """Requests that left the machine's files."""
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]


@pytest.fixture
def visit(browser, report):
    """`visit(width, address, **options)` opens a report; pages are closed afterwards."""
    visits: list[Visit] = []

    def open_at(width, address="", of=report, **options):
        visits.append(Visit(browser, of, width, address, **options))
        return visits[-1]

    yield open_at
    for each in visits:
        each.page.close()
