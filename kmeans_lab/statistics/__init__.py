"""Statistics of starts: arrays go in, named tuples come out; nothing here knows a study.

NaN stands for null. Intervals are of 95 %.
"""

from .cell import CellStatistics, describe
from .centers import CentroidIndex, centroid_index, success_rate
from .comparison import difference, superiority
from .cost import Buy, Price, best_buy, cost_to_target, expected_cost, price
from .estimates import SELDOM, Estimate, opened, share, wilson
from .partitions import Agreement, agreement
from .ranking import (
    ALPHA,
    Equivalence,
    Friedman,
    cliques,
    critical_difference,
    enough,
    friedman,
    signed_rank,
)
from .restarts import (
    GAPS,
    PROBABILITIES,
    BestOf,
    best_of,
    expected_best,
    reliable,
    restart_counts,
    restarts_needed,
    success,
)
from .richness import Posterior, boender_rinnooy_kan, chao1, good_turing, hill
from .stability import (
    MOST_PARTITIONS,
    MeanAgreement,
    coassociation,
    compared,
    consistency,
    mean_agreement,
)
from .values import (
    REACHED,
    Ecdf,
    Quantiles,
    best_known,
    ecdf,
    gaps,
    quantiles,
    rank_correlation,
)

__all__ = [
    "ALPHA",
    "GAPS",
    "MOST_PARTITIONS",
    "PROBABILITIES",
    "REACHED",
    "SELDOM",
    "Agreement",
    "BestOf",
    "Buy",
    "CellStatistics",
    "CentroidIndex",
    "Ecdf",
    "Equivalence",
    "Estimate",
    "Friedman",
    "MeanAgreement",
    "Posterior",
    "Price",
    "Quantiles",
    "agreement",
    "best_buy",
    "best_known",
    "best_of",
    "boender_rinnooy_kan",
    "centroid_index",
    "chao1",
    "cliques",
    "coassociation",
    "compared",
    "consistency",
    "cost_to_target",
    "critical_difference",
    "describe",
    "difference",
    "ecdf",
    "enough",
    "expected_best",
    "expected_cost",
    "friedman",
    "gaps",
    "good_turing",
    "hill",
    "mean_agreement",
    "opened",
    "price",
    "quantiles",
    "rank_correlation",
    "reliable",
    "restart_counts",
    "restarts_needed",
    "share",
    "signed_rank",
    "success",
    "success_rate",
    "superiority",
    "wilson",
]
