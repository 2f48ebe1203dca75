"""How much does the start matter? Thousands of seeded k-means starts, every step kept.

import kmeans_lab as kl
study = kl.run("experiments/iris.toml")
study.summary()
study.animate("best")
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import DataError, RunError, SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .advice import advise
    from .comparison.comparison import Comparison
    from .film.animation import make_animation
    from .kernels.voronoi import label_grid
    from .metrics import silhouette_score
    from .notebook import run_kmeans
    from .spec.spec import Spec
    from .study.study import Study, open
    from .trace.trace import Trace

__all__ = [
    "Comparison",
    "DataError",
    "RunError",
    "Spec",
    "SpecError",
    "Study",
    "Trace",
    "__version__",
    "advise",
    "compare",
    "label_grid",
    "make_animation",
    "open",
    "run",
    "run_kmeans",
    "silhouette_score",
]
__version__ = "0.1.0"

# Names that are loaded when asked for: an import costs milliseconds, not the compiler's second.
_ROOMS = {
    "Comparison": "comparison.comparison",
    "Spec": "spec.spec",
    "Study": "study.study",
    "Trace": "trace.trace",
    "advise": "advice",
    "label_grid": "kernels.voronoi",
    "make_animation": "film.animation",
    "open": "study.study",
    "run_kmeans": "notebook",
    "silhouette_score": "metrics",
}


def run(
    spec: "str | Path | Spec",
    *,
    results: str | Path = "results",
    jobs: int | None = None,
    backend: str | None = None,
    scheduler: str | None = None,
    runs: int | None = None,
    report: bool = False,
    fresh: bool = False,
    retry: bool = False,
) -> "Study":
    """Run what is still missing of a study and open it.

    spec: a path or a Spec. results: the folder of studies. jobs: workers, all cores by default.
    backend: "threading", "loky", "dask" or another that is registered with joblib. scheduler: the
    address of a Dask scheduler, whose workers share the folder. runs: starts in each cell instead
    of the spec's number; what is stored stays.
    report: search for the reference, build report and renders too. fresh: set a study of that name
    aside first.
    retry: run starts with status `error` again.
    A notebook shows how far it is.
    Raises SpecError, DataError where the input is wrong, RunError where the work failed.
    """
    from .runner import progress, runner

    folder = runner.run(
        spec,
        results=results,
        jobs=jobs,
        backend=backend,
        scheduler=scheduler,
        runs=runs,
        fresh=fresh,
        retry=retry,
        progress=progress.in_notebook(),
    )
    from .study import study  # after the work: pandas takes a while to load

    done = study.open(folder)
    if report:
        from .reference import references
        from .report import report as reporter

        references.complete(done.store)
        done.render()
        reporter.build(done)
    return done


def compare(
    studies: "str | Path | Study | Sequence[str | Path | Study]",
    *,
    output: str | Path | None = None,
) -> "Comparison":
    """Compare the inits of several studies, data set by data set and over all.

    studies: folders, or studies that are open. output: a folder for the report and its tables;
    without it nothing is written.
    Raises SpecError where they may not be compared, or where `output` holds something else.
    """
    from .comparison.comparison import Comparison

    compared = Comparison(studies)
    if output is not None:
        compared.report(output)
    return compared


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_ROOMS[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
