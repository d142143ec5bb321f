"""The kit of worlds by itself: what comes back of each process, and that none stays."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import torch
import torch.distributed as dist

from artifact_torch.internal.ranks import Ranks, gathered, gloo_group, ranks, told
from tests.ranks.kit import World, all_reduce, in_ranks

if TYPE_CHECKING:
    from torch._C._distributed_c10d import TCPStore


def what_each_tells(word: str) -> tuple[Ranks, str, list[int], int]:
    here = ranks()
    total = torch.tensor(here.rank + 1)
    all_reduce(total)
    return here, told(f"{word} {here.rank}"), gathered(here.rank * 10), int(total)


def one_fails() -> int:
    if ranks().rank == 1:
        raise ValueError("the second one")
    return 7


def one_is_killed() -> str:
    if os.environ["RANK"] == "0":
        os.kill(os.getpid(), signal.SIGKILL)
    return os.environ["LOCAL_RANK"]


def test_ranks_tell_each_other() -> None:
    found = in_ranks(2, what_each_tells, "from")
    assert found == [(Ranks(rank, 2), "from 0", [0, 10], 3) for rank in (0, 1)]


def test_an_error_and_a_death_are_told() -> None:
    first, second = World(2).endings(one_fails)
    assert first.given == (7,)
    assert "ValueError: the second one" in second.error
    killed, other = World(2, is_joined=False).endings(one_is_killed)
    assert (killed.exit_code, killed.given) == (-signal.SIGKILL, ())
    assert other.given == ("1",)


def waits_in_a_group_of_its_own() -> bool:
    """The first for a collective that never comes; the other sees it give up."""
    own: Callable[[], TCPStore] = vars(dist.distributed_c10d)["_get_default_store"]  # unnamed
    group = gloo_group()
    if ranks().is_first:
        with pytest.raises(RuntimeError, match="[Tt]imed out"):
            gathered("b", over=group)
        own().set("gave up", "")
    else:
        own().wait(["gave up"], timedelta(seconds=40))
    return True


def test_another_group_has_the_time_limit_of_that_of_the_run() -> None:
    first, second = World(2, collective_s=5.0).endings(waits_in_a_group_of_its_own)
    assert (first.given, second.given) == ((True,), (True,)), first.error + second.error


def test_one_process_tells_itself() -> None:
    assert (ranks(), told("a"), gathered("a")) == (Ranks(), "a", ["a"])
