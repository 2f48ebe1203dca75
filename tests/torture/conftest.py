"""The long study that torture is done to."""

import numpy as np
import pytest

POINTS, CLUSTERS = 5000, 15


@pytest.fixture(scope="session")
def spec(tmp_path_factory):
    """5000 points in 15 clusters that overlap: every step with its labels and exact silhouette."""
    folder, rng = tmp_path_factory.mktemp("spec"), np.random.default_rng(20_261_123)
    middles = rng.uniform(0, 10, (CLUSTERS, 2))
    X = middles[rng.integers(0, CLUSTERS, POINTS)] + rng.normal(size=(POINTS, 2))
    np.save(folder / "points.npy", X)
    path = folder / "spec.toml"
    path.write_text(
        'name = "long"\nruns = 96\n[[data]]\nsource = "points.npy"\n'
        f'[grid]\nk = [{CLUSTERS}]\ninit = ["random"]\n'
        '[record]\nlabels = "all"\nsilhouette = "exact"\n'
    )
    return path
