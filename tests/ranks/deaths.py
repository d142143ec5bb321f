"""Runs of which processes die where it was drawn, and what they have to come to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import final

import numpy as np
import torch
from safetensors.torch import load
from torch import Tensor

from artifact_torch.cli.main import main
from artifact_torch.internal.disk import read_json
from artifact_torch.internal.narrowing import is_list, is_mapping
from artifact_torch.run_folder import history
from tests.ranks.elastic_program import SAVED_EVERY, Death, Way, live
from tests.ranks.kit import World
from tests.ranks.toy_steps import Kind

WAYS: tuple[Way, ...] = ("killed", "killed in a save", "raises")
KINDS: tuple[Kind, ...] = ("ddp", "fsdp")
SIZES = (1, 2, 4)
LAST = 22
"""No death is drawn at a later step: the run has some more."""
CALLS, CALLS_OF_OTHERS = 3400, 1160
"""About as many as the first rank makes in a save, and another."""


@final
@dataclass(frozen=True)
class Drawn:
    """A life for each death, and the last."""

    kind: Kind
    deaths: Sequence[Death]
    sizes: Sequence[int]
    """Of the world in each life."""

    def __str__(self) -> str:
        return f"drawn: {self.kind}, worlds {[*self.sizes]}, deaths {[*map(str, self.deaths)]}"


def drawn(random: Random, n_deaths: int, sizes: Sequence[int] = SIZES[1:]) -> Drawn:
    """`sizes` are those of worlds in which one dies."""
    lives, deaths = list[int](), list[Death]()
    for step in sorted(random.sample(range(1, LAST), n_deaths)):
        lives.append(random.choice(sizes))
        rank = random.randrange(lives[-1])
        call = random.randrange(1, CALLS_OF_OTHERS if rank else CALLS)
        deaths.append(Death(random.choice(WAYS), step, rank, call))
    return Drawn(random.choice(KINDS), deaths, [*lives, random.choice(SIZES)])


def lived(folder: Path, trial: Drawn) -> None:
    """All its lives, in worlds that are forked; after each death, what is left is looked at."""
    for n, size in enumerate(trial.sizes):
        world = World(size, timeout_s=120.0, is_joined=False)
        endings = world.endings(live, folder, trial.kind, trial.deaths)
        errors = "\n".join(each.error for each in endings)
        assert all(each.exit_code is not None for each in endings), f"one did not end\n{errors}"
        if n < len(trial.deaths):
            assert (folder / f"death_{n}").exists(), f"nobody died in life {n}\n{errors}"
            assert not any(each.given for each in endings), f"one finished alone in life {n}"
            newest = max(saved_steps(folder), default=0)
            assert newest in may_be_newest(folder, n), f"step {newest} after death {n}\n{errors}"
        else:
            assert all(each.given for each in endings), errors


def saved_steps(folder: Path) -> list[int]:
    """Of the whole checkpoints, by their names."""
    there = (folder / "run" / "checkpoints").glob("*step_*/manifest.json")
    return [int(path.parent.name.rpartition("_")[2]) for path in there]


def may_be_newest(folder: Path, n: int) -> set[int]:
    """After the `n`-th death: the last save that had begun, or the one before, if that died too."""
    last = int((folder / f"death_{n}").read_text())
    return {last, max(last - SAVED_EVERY, 0)}


def begun(folder: Path) -> Sequence[object]:
    """The step of each beginning."""
    settings = read_json(folder / "run" / "settings.json")
    assert is_mapping(settings)
    times = settings["begun"]
    assert is_list(times)
    return [each["step"] for each in times if is_mapping(each)]


def assert_same_run(folder: Path, expected: Path) -> None:
    """The same rows in the same order: the weights would differ else."""
    one, other = (json.loads((each / "outcome.json").read_text()) for each in (expected, folder))
    for name in ("stopped", "best", "steps", "moments"):
        assert other[name] == one[name], name
    assert other["scores"].keys() == one["scores"].keys() != set()
    for name, values in one["scores"].items():
        close = np.testing.assert_allclose
        close(np.array(other["scores"][name], float), np.array(values, float), 1e-6, 1e-6)
    places, values = recorded(expected)
    other_places, other_values = recorded(folder)
    assert other_places == places
    np.testing.assert_allclose(other_values, values, rtol=1e-6, atol=1e-6)
    for weights in (last_weights, best_weights):
        assert_close(weights(folder), weights(expected))


def recorded(folder: Path) -> tuple[list[object], list[float]]:
    """Of the record, what counts."""
    lines = history(folder / "run")
    places: list[object] = [(each["name"], each["epoch"], each["step"]) for each in lines]
    return places, [float(str(each["value"])) for each in lines]


def last_weights(folder: Path) -> dict[str, Tensor]:
    target = folder / "weights.safetensors"
    assert main(["checkpoint", "export", str(folder / "run"), "--to", str(target)]) == 0
    return load(target.read_bytes())


def best_weights(folder: Path) -> dict[str, Tensor]:
    (file,) = (folder / "run" / "best").glob("*.safetensors")
    return load(file.read_bytes())


def assert_close(some: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert some.keys() == expected.keys() != set()
    for name, each in expected.items():
        torch.testing.assert_close(some[name], each, rtol=1e-6, atol=1e-6)
