"""The process beside the training is killed while it works: the training is not touched."""

import time
from collections.abc import Callable
from subprocess import Popen
from typing import Any

import pytest

from artifact_torch import Beside, bind
from artifact_torch.validation import process
from tests.faults.conftest import CAUSES_ALL
from tests.faults.trainers import plain_step, short
from tests.toys import Fit, Points, same_weights
from tests.validation.parts import SCORE, Looks


class Kills:
    """The processes that there are, at these steps."""

    def __init__(self, at: set[int], processes: "list[Popen[bytes]]") -> None:
        self.at, self.processes = at, processes
        self.n_killed = 0

    def on_batch(self, step: int, batch: Points, output: Fit) -> None:
        if step in self.at:
            while not self.processes:  # it is started by a thread
                time.sleep(0.01)
            for each in self.processes:
                self.n_killed += each.poll() is None
                each.kill()


@pytest.mark.parametrize("at", [{3}, {4, 5}, {3, 4, 5, 6}] if CAUSES_ALL else [{3, 5}])
def test_a_worker_that_is_killed_changes_no_bit(
    monkeypatch: pytest.MonkeyPatch, at: set[int]
) -> None:
    processes: list[Popen[bytes]] = []

    start: Callable[..., Popen[bytes]] = Popen[bytes]

    # Any: what Popen takes
    def started(*given: Any, **named: Any) -> "Popen[bytes]":
        begun = start(*given, **named)
        processes.append(begun)
        return begun

    monkeypatch.setattr(process, "Popen", started)
    kills = Kills(at, processes)

    def run(where: Beside | None) -> tuple[dict[str, object], dict[int, float], str]:
        step = plain_step()
        trainer = short(
            None,
            step=step,
            callbacks=[kills] if where else [],
            routines=[bind(Looks(names=[SCORE]), step.model)],
            validation=where or "inline",
        )
        result = trainer.train()
        found: dict[int, float] = {}
        if "weight" in result.scores:
            steps = (int(step) for step in result.scores.index.get_level_values("step"))
            found = dict(zip(steps, result.scores["weight"].tolist(), strict=True))
        return dict(result.last_weights), found, result.failures.get("weight", "")

    weights, expected, _ = run(None)
    got, scores, failure = run(Beside(workers=1))
    assert same_weights(weights, got)
    assert kills.n_killed
    assert all(scores[step] == expected[step] for step in scores)
    assert scores == expected or "ended by SIGKILL" in failure
