"""Which parts can be told what their like have seen on other processes."""

from collections.abc import Sequence
from typing import Protocol, TypeGuard, runtime_checkable

from artifact_torch.contracts.callback import Merged


@runtime_checkable
class _OfOthers(Protocol):
    """A part of ours that can where what it was given can."""

    @property
    def cannot_be_shared(self) -> Sequence[str]: ...


@runtime_checkable
class Keeps(Protocol):
    """A part of ours that may keep, batch by batch, what is put together with that of others."""

    def sees_no_row(self) -> None:
        """A batch of which it has no row."""
        ...


def as_merged(part: object) -> Merged[object] | None:
    """The part, where it can be told what its like have seen."""
    if isinstance(part, _OfOthers) and part.cannot_be_shared:
        return None
    return part if _merges(part) else None


def merging_problems(part: object) -> Sequence[str]:
    """Why it cannot be told what its like have seen on other processes, in words."""
    if isinstance(part, _OfOthers):
        return part.cannot_be_shared
    if _merges(part):
        return []
    name = getattr(part, "name", "")
    of_its_own = f"{type(part).__name__} " + (f'"{name}" ' if name else "")
    problem = (
        f"{of_its_own}sees the rows of its own process alone; give it seen(), which returns its sums "
        "and counts, and merge(seen), which takes those of all processes in place of its own "
        "(`artifact_torch.contracts.Merged`)"
    )
    return [problem]


def _merges(part: object) -> TypeGuard[Merged[object]]:
    return isinstance(part, Merged)
