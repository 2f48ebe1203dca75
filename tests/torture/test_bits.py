"""Whatever ran it, in whatever pieces: a study has the same bits."""

import pytest

from processes import finished
from studies import bits

pytestmark = pytest.mark.torture


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_jobs_and_backends(spec, expected, tmp_path, jobs, backend):
    assert bits(finished(spec, tmp_path, "--jobs", jobs, "--backend", backend)) == expected


def test_extended_from_fewer_runs(spec, expected, tmp_path):
    for runs in ("7", "40"):
        finished(spec, tmp_path, "--jobs", "2", "--runs", runs)
    assert bits(finished(spec, tmp_path, "--jobs", "2")) == expected
