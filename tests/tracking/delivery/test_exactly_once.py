"""Whatever fails and is killed, each result that counts is there once."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from artifact_torch.tracking.delivery import standing as standing_module
from artifact_torch.tracking.delivery.deliver import Deliverer, Patience
from artifact_torch.tracking.delivery.standing import Standing
from tests.tracking.delivery.memory import Backend, MemoryClient
from tests.tracking.delivery.recording import Recording

AT_ONCE = Patience(first_pause=0, longest_pause=0)
NAMES = ("loss", "accuracy", "f1")


@dataclass(frozen=True)
class Scores:
    names: tuple[str, ...]
    steps_on: int


@dataclass(frozen=True)
class GoesBack:
    share: float


@dataclass(frozen=True)
class Delivers:
    """What befalls it: at its n-th place a call raises, or the process is killed."""

    at: int
    kills: bool


Event: TypeAlias = Scores | GoesBack | Delivers

EVENTS = st.lists(
    st.one_of(
        st.builds(
            Scores,
            st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(tuple),
            st.integers(1, 3),
        ),
        st.builds(GoesBack, st.floats(0, 1)),
        st.builds(Delivers, st.integers(0, 12), st.booleans()),
    ),
    max_size=25,
)


class Faults:
    """Counts the places at which a delivery can be hurt."""

    def __init__(self) -> None:
        self.left = 0
        self.kills = False
        self.n_hurt = 0

    def meet(self, _: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.n_hurt += 1
            if self.kills:
                raise KeyboardInterrupt  # the only one that is let through: as a kill would
            raise ConnectionError


@given(EVENTS)
@settings(deadline=None, max_examples=150)
def test_each_result_that_counts_is_there_once(events: list[Event]) -> None:
    with TemporaryDirectory() as parent:
        run(events, Path(parent) / "vae")


def run(events: list[Event], folder: Path) -> None:
    record, backend, faults = Recording(folder), Backend(), Faults()
    deliverer = Deliverer(MemoryClient(backend, faults.meet), folder, "m", patience=AT_ONCE)
    written = standing_module.write_standing

    def write(path: Path, standing: Standing, *, durably: bool = False) -> None:
        faults.meet("before it is written")
        written(path, standing, durably=durably)
        faults.meet("after it is written")

    step, live = 0, set[tuple[str, int]]()
    record.begin()
    with patch("artifact_torch.tracking.delivery.deliver.write_standing", write):
        for event in events:
            match event:
                case Scores():
                    step += event.steps_on
                    record.scores(step, **dict.fromkeys(event.names, float(step)))
                    live |= {(name, step) for name in event.names}
                case GoesBack():
                    step = int(step * event.share)
                    record.begin(step)
                    live = {each for each in live if each[1] <= step}
                case Delivers():
                    faults.left, faults.kills = event.at, event.kills
                    try:
                        deliverer.deliver()
                    except KeyboardInterrupt:
                        deliverer.release()
                        client = MemoryClient(backend, faults.meet)
                        deliverer = Deliverer(client, folder, "m", patience=AT_ONCE)
                    faults.left = 0
        record.end()
        assert deliverer.deliver()
    assert live <= backend.has.keys()
    assert sum(n - 1 for n in backend.n_sent.values()) <= faults.n_hurt * len(NAMES)
    if not faults.n_hurt:
        assert set(backend.n_sent.values()) <= {1}
        assert backend.names.count("begin") == 1
    assert backend.names[-1] == "end"
