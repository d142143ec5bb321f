"""What is not the same of two runs: as data, and in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from artifact_torch.run_folder.ledger import WHATS, What


@final
@dataclass(frozen=True, kw_only=True)
class Differing:
    """A value that two runs were begun with, or went on with."""

    topic: str
    """`settings`, `seeds`, `parts`, `versions`, `device`, `source`, `program`."""
    name: str
    """`lr`; empty where the topic is one value."""
    values: tuple[str, str]
    """Of both runs; `-` for one that has none."""


@final
@dataclass(frozen=True, kw_only=True)
class Parting:
    """The first update that is not the same in two runs."""

    step: int
    """0: the parameters before the first update."""
    what: Sequence[What]
    """All that differs there, in the order in which an update makes them."""
    losses: tuple[float, float]
    """Of its last batch, in both runs. NaN at step 0."""
    is_first_compared: bool
    """No step before it was compared: they may have parted earlier."""


@final
@dataclass(frozen=True, kw_only=True)
class Difference:
    """What is not the same of two runs."""

    folders: tuple[Path, Path]
    begun: Sequence[Differing]
    """What they were begun with, as of the last time."""
    last_steps: tuple[int, int]
    """How far each went, by its ledger; -1 without one."""
    n_compared: int
    """Updates that are in both ledgers."""
    compared: Sequence[What]
    """What of them was compared: all, or the loss alone where the digests are of two kinds."""
    parting: Parting | None
    """None where all that was compared is equal."""
    remarks: Sequence[str]
    """What limits the comparison, and what to do about it."""

    @property
    def is_equal(self) -> bool:
        """Every update of both is in both ledgers, and all are equal."""
        if self.parting is not None or self.compared != WHATS:
            return False
        return {*self.last_steps} == {self.n_compared} != {0}

    def __str__(self) -> str:
        one, other = self.folders
        lines = [f"{one} and {other}", *self._told_begun(), *self._told_parting()]
        return "\n".join([*lines, *(f"note: {each}" for each in self.remarks)]) + "\n"

    def _told_begun(self) -> Iterator[str]:
        if not self.begun:
            yield "begun with the same settings, seeds, parts, versions, device and source"
        for topic in dict.fromkeys(each.topic for each in self.begun):
            yield f"{topic} that differ" if topic.endswith("s") else f"{topic} differs"
            for each in self.begun:
                if each.topic == topic:
                    yield f"  {each.name:<24}  {each.values[0]:<24}  {each.values[1]}".rstrip()

    def _told_parting(self) -> Iterator[str]:
        if self.n_compared < 1 and self.parting is None:
            yield "nothing is known of single updates"
        elif self.parting is None:
            of = "" if self.compared == WHATS else f" in {' and '.join(self.compared)}"
            yield f"all {self.n_compared} updates that are in both ledgers are equal{of}"
            if self.last_steps[0] != self.last_steps[1]:
                shorter, longer = sorted(zip(self.last_steps, self.folders, strict=True))
                yield f"  {shorter[1]} ends at step {shorter[0]}, {longer[1]} at step {longer[0]}"
        else:
            yield from _told(self.parting, self.compared)


def _told(parting: Parting, compared: Sequence[What]) -> Iterator[str]:
    if parting.step == 0:
        yield "they part before the first update, in the parameters: other first weights"
        return
    earlier = ", or before it" if parting.is_first_compared else ""
    yield f"they part at step {parting.step}{earlier}, in {_NAMES[parting.what[0]]}"
    for what in WHATS:
        same = "equal" if what in compared else "not compared"
        state = "differs" if what in parting.what else same
        if what == "loss" and what in parting.what:
            state += f": {parting.losses[0]!r} and {parting.losses[1]!r}"
        yield f"  {what:<12}{state}"
    if compared == WHATS and [*parting.what] == ["parameters"]:
        yield "  the optimizer, its lr or state; what settings= does not name is not compared above"


_NAMES: Final[Mapping[What, str]] = {
    "data": "the data",
    "loss": "the loss",
    "gradient": "the gradient",
    "parameters": "the parameters",
}
