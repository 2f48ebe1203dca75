"""Many runs write into one study, and a reader reads it."""

import pandas as pd
import pytest

from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from processes import begin
from studies import write_points, write_spec

pytestmark = pytest.mark.torture


def test_eight_runs_at_once_leave_each_start_once(tmp_path, rng, tally):
    write_points(tmp_path, rng)
    small = write_spec(tmp_path, runs=3000)
    processes = [begin(small, tmp_path, "--backend", b) for b in ["threading", "loky"] * 4]
    victim, *others = processes
    while any(process.poll() is None for process in processes):
        if (runs := tmp_path / "small" / "runs").exists():
            seen = pd.read_parquet(runs, columns=["run"])["run"]
            assert not seen.duplicated().any()
            if len(seen):
                victim.kill()
    for process in others:
        _, errors = process.communicate()
        assert process.returncode == 0 or "is in use by another run" in errors
        assert "Traceback" not in errors
    victim.communicate()
    folder = runner.run(small, results=tmp_path)
    assert Store(folder).done().tolist() == [*range(12_000)]
    assert not Store(folder).verify()
    tally("runs at once in one folder, one of them killed", len(processes))
