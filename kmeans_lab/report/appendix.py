"""The report's other half: the films, where the numbers come from, and how to have them again."""

import shlex
from typing import TYPE_CHECKING

from ..choices import ALL, PICKS
from ..data.datasets import DATASETS
from ..errors import RunError, SpecError
from ..metrics import METRICS
from ..spec.plan import Cell
from ..spec.resolve import dumps
from ..wording import count
from .findings import listed
from .page import Commands, Film, Line, Panel, Part, Prose, Section, Span, Table, slug
from .pictures import stem

if TYPE_CHECKING:
    from ..study.study import Study

FILMED = 4  # cells whose films are in the page
ROOM = 5_000_000  # bytes of films in a page; as text a third more

REFERENCES = (
    (
        "S. P. Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory "
        "28 (1982) 129–137",
        "https://doi.org/10.1109/TIT.1982.1056489",
    ),
    (
        "P. J. Rousseeuw, Silhouettes: a graphical aid to the interpretation and validation of "
        "cluster analysis, Journal of Computational and Applied Mathematics 20 (1987) 53–65",
        "https://doi.org/10.1016/0377-0427(87)90125-7",
    ),
    (
        "L. Hubert, P. Arabie, Comparing partitions, Journal of Classification 2 (1985) 193–218",
        "https://doi.org/10.1007/BF01908075",
    ),
    (
        "E. B. Wilson, Probable inference, the law of succession, and statistical inference, "
        "Journal of the American Statistical Association 22 (1927) 209–212",
        "https://doi.org/10.1080/01621459.1927.10502953",
    ),
    (
        "W. Hoeffding, A class of statistics with asymptotically normal distribution, Annals of "
        "Mathematical Statistics 19 (1948) 293–325",
        "https://doi.org/10.1214/aoms/1177730196",
    ),
    (
        "P. Fränti, Efficiency of random swap clustering, Journal of Big Data 5 (2018) 13",
        "https://doi.org/10.1186/s40537-018-0122-y",
    ),
    (
        "J. A. Hartigan, M. A. Wong, Algorithm AS 136: a k-means clustering algorithm, Applied "
        "Statistics 28 (1979) 100–108",
        "https://doi.org/10.2307/2346830",
    ),
    (
        "H. Wang, M. Song, Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic "
        "programming, The R Journal 3 (2011) 29–33",
        "https://doi.org/10.32614/RJ-2011-015",
    ),
    (
        "A. Grønlund and others, Fast exact k-means, k-medians and Bregman divergence clustering "
        "in 1D (2017), arXiv 1701.07204",
        "https://doi.org/10.48550/arXiv.1701.07204",
    ),
)


def films(study: "Study") -> Section:
    """The best, the median and the worst start of the first cells, each on one clock."""
    parts: list[Part] = []
    left: list[str] = []
    room = ROOM
    for cell in study.cells:
        made = _film(study, cell) if cell.index < FILMED else None
        size = 0 if not isinstance(made, Film) else len(made.html) + len(made.still.image)
        if made is None or size > room:
            left.append(cell.label)
            continue
        room -= size
        parts.append(made)
    if left:
        parts.append(Prose(_left_out(study, left), "aside"))
    return Section("films", "The best, the median and the worst start", tuple(parts))


def _left_out(study: "Study", left: list[str]) -> Line:
    name = shlex.quote(f"results/{study.spec.name}")
    command = f"kmeans-lab render {name} {' '.join(PICKS)}"
    if len(left) == 1:
        command += f" --cell {shlex.quote(left[0])}"
    many = f"{count(len(left))} cell{'s' * (len(left) > 1)}"
    text = f"Left out to keep the page small: the films of {many}, {listed(left)}. To make them: "
    return text, Span(command, "code")


def _film(study: "Study", cell: Cell) -> Film | Prose:
    """The film of a cell's different picks, or why there is none."""
    chosen = {pick: study.chosen(pick, cell) for pick in PICKS}
    runs = {pick: run for pick, run in chosen.items() if run is not None}
    if not runs:
        return Prose((f"{cell.label}: no start has an outcome, so there is nothing to show.",))
    picks = {run: pick for pick, run in reversed(runs.items())}
    try:
        film = study.film([pick for pick in PICKS if pick in picks.values()], cell)
    except (RunError, SpecError) as error:
        return Prose((f"{cell.label} cannot be shown: {error}.",), "warning")
    name = slug("film", stem(study, cell), "k", cell.k, "cell", cell.index + 1) + ".png"
    still = Panel(name, film.alt, film.still(), *film.still_size)
    caption = "By inertia, on one clock. Clusters that share most points have one color."
    if len(picks) < len(runs):
        caption += f" Of {listed([*runs])} some are the same start, shown once."
    return Film(cell.label, (caption,), film.fragment(), still)


def provenance(study: "Study") -> Section:
    """What made these numbers."""
    about, spec = study.store.about(), study.spec
    machine = about.get("machine", {})
    rows = [
        ("study", spec.name),
        ("spec digest (SHA-256)", about["spec_digest"]),
        ("seeds", f"{spec.seed} to {spec.seed + spec.most_starts - 1}, the same for every init"),
        ("starts", f"{count(len(study.runs))} of {count(sum(c.starts for c in study.cells))}"),
        ("created", about.get("created", "–")),
        ("Python", about.get("python", "–")),
        ("packages", ", ".join(f"{name} {v}" for name, v in about.get("packages", {}).items())),
        ("machine", ", ".join(f"{key} {value}" for key, value in machine.items())),
    ]
    rows += [
        (
            f"data {name}",
            f"{' × '.join(map(str, data['shape']))}, fingerprint {data['fingerprint']}",
        )
        for name, data in about["datasets"].items()
    ]
    table = Table("What made these numbers", ("what", "value"), tuple(rows), ("what", "value"))
    spec_text = Prose(("The spec, every default written out:",))
    parts = (table, spec_text, Commands(dumps(spec).strip(), "toml"))
    return Section("provenance", "Provenance", parts)


def repeat(study: "Study") -> Section:
    """The commands that make the study again, and single starts of it."""
    folder = shlex.quote(f"results/{study.spec.name}")
    first = study.cells[0]
    lines = (
        "# the spec above, as spec.toml; what is there already is not run again",
        "kmeans-lab run spec.toml",
        *_more(study),
        "# this page; films of any start; a check of every stored byte",
        f"kmeans-lab report {folder}",
        f"kmeans-lab render {folder} seed={study.spec.seed} --cell {shlex.quote(first.label)}",
        f"kmeans-lab verify {folder}",
    )
    text = (
        "Every value but timings is a function of the data, the spec and the seed: the same bits "
        "with any number of workers. Data paths in the spec are relative to its file."
    )
    choice = f"dataset={first.dataset!r}, k={first.k}, init={first.init!r}"
    python = (
        "import kmeans_lab as kl",
        f"study = kl.open({f'results/{study.spec.name}'!r})",
        "study.runs; study.steps; study.optima; study.summary()",
        f"study.trace(seed={study.spec.seed}, {choice})",
    )
    parts = (Prose((text,)), Commands("\n".join(lines)), Commands("\n".join(python), "python"))
    return Section("repeat", "How to repeat it", parts)


def _more(study: "Study") -> tuple[str, ...]:
    if study.spec.runs == ALL:
        return ()
    more = f"kmeans-lab run spec.toml --runs {4 * study.spec.most_starts}"
    return "# more starts, for narrower intervals", more


def sources(study: "Study") -> Section:
    """Where the methods and the data come from."""
    from ..kernels.initializers import INITIALIZERS

    inits = [
        (f"init {name}", INITIALIZERS[name].source if name in INITIALIZERS else "the user's own")
        for name in study.spec.grid.init
    ]
    data = [
        (
            f"data {item.label}",
            DATASETS[item.source].source if item.source in DATASETS else item.source,
        )
        for item in study.spec.data
    ]
    metrics = [(f"metric {name}", metric.source) for name, metric in METRICS.items()]
    columns = ("what", "source")
    table = Table("Initializers, data, metrics", columns, (*inits, *data, *metrics), columns)
    methods = [
        Prose((f"{text}. ", Span(url.removeprefix("https://"), "link", url)))
        for text, url in REFERENCES
    ]
    return Section("sources", "Sources", (table, *methods))
