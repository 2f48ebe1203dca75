"""Shards of one study, run at once by programs that know of each other only through its folder."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..choices import AUTO
from ..errors import InUseError, SpecError
from ..spec.plan import Shard
from ..spec.resolve import Resolved
from ..spec.spec import Spec
from ..store.store import Store

GLANCE = 0.2  # seconds between two looks whether another shard has laid the study out
PATIENCE = 10.0  # seconds after which a study that is there is taken to be in other hands


def shard_of(text: str, spec: Spec) -> Shard:
    """The shard that a text such as 3/16 means. Raises SpecError, also where none can be."""
    match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise SpecError(f"shard {text!r}; allowed: i/N with i from 1 to N, as 3/16")
    if spec.runs == AUTO:
        raise SpecError(
            f'runs = "auto" cannot be run in shards, {spec.path or "the spec"} says so: what a '
            'round needs follows from the one before; allowed: a number, or "all"'
        )
    return Shard(int(match[1]), int(match[2]))


@contextmanager
def admitted(
    store: Store,
    resolved: Resolved,
    shard: Shard,
    check: Callable[[], None],
    say: Callable[[str], None],
) -> Iterator[Spec]:
    """Be one of the writers of a study, which the first of them lays out; gives its spec.

    check: raises where the study that is there is another. say: see `lock` of a store. Raises
    RunError where it is run as a whole, in other shards, or this shard already.
    """
    end = time.monotonic() + PATIENCE
    while not _laid_out(store, resolved, shard):
        try:
            with store.lock(say):
                _lay_out(store, resolved, shard, check)
        except InUseError:
            if store.exists() and time.monotonic() > end:
                raise
            time.sleep(GLANCE)
    with store.lock_shard(shard.label, say):
        check()
        yield store.spec()


def _laid_out(store: Store, resolved: Resolved, shard: Shard) -> bool:
    """Whether the study is there in shards like this one, and with all the starts asked for."""
    return (
        store.exists()
        and store.about().get("shards") == shard.of
        and store.spec().most_starts >= resolved.spec.most_starts
    )


def _lay_out(store: Store, resolved: Resolved, shard: Shard, check: Callable[[], None]) -> None:
    if not store.exists():
        store.create(resolved)
    check()
    if store.spec().most_starts < resolved.spec.most_starts:
        store.save_spec(resolved.spec)
    store.save_shards(shard.of)
