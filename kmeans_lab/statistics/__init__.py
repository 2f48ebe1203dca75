"""Statistics of starts: arrays go in, named tuples come out; nothing here knows a study."""

from .starts import (
    PROBABILITIES,
    REACHED,
    CellStatistics,
    Ecdf,
    Estimate,
    Quantiles,
    best_known,
    describe,
    ecdf,
    expected_best,
    gaps,
    quantiles,
    rank_correlation,
    restart_counts,
    restarts_needed,
    wilson,
)

__all__ = [
    "PROBABILITIES",
    "REACHED",
    "CellStatistics",
    "Ecdf",
    "Estimate",
    "Quantiles",
    "best_known",
    "describe",
    "ecdf",
    "expected_best",
    "gaps",
    "quantiles",
    "rank_correlation",
    "restart_counts",
    "restarts_needed",
    "wilson",
]
