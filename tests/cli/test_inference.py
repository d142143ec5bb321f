"""Contracts told from the names of members."""

from pathlib import Path

import pandas as pd
import pytest
from torch import Tensor, nn

from artifact_torch.cli.catalogue import all_contracts
from artifact_torch.cli.explain import example_of
from artifact_torch.cli.targets.inference import infer

CONTRACTS = all_contracts()


class OnBach:
    def on_bach(self, step: int, batch: object, output: object) -> None: ...


class LogsScoresOnly:
    def log_score(self, score: float, name: str) -> None: ...


class ThreeOfFour:
    def start(self) -> None: ...
    def update(self, batch: object, output: object) -> None: ...
    def finish(self) -> float:
        return 0.0


class StopsAndRemembers:
    max_n_epochs = 3

    def should_stop(self, update: object) -> bool:
        return False

    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


class Generat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x

    def generat(self, n: int) -> pd.DataFrame:
        return pd.DataFrame({"n": [n]})


class ForwardOnly(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


class Foward(nn.Module):
    def foward(self, x: Tensor) -> Tensor:
        return x


class GeneratesWithoutModule:
    def generate(self, n: int) -> pd.DataFrame:
        return pd.DataFrame({"n": [n]})


class Batches:
    def batches(self, epoch: int) -> list[int]:
        return [epoch]


@pytest.mark.parametrize(
    ("form", "contract", "why"),
    [
        (OnBach, "BatchCallback", "a class with on_bach (close to on_batch)"),
        (LogsScoresOnly, "TrackingClient", "a class with log_score"),
        (ThreeOfFour, "LoaderCallback", "a class with start, update, finish"),
        (StopsAndRemembers, "EarlyStopper", "a class with should_stop"),
        (
            Generat,
            "TableSynthesizer",
            "an nn.Module with forward, generat (close to generate)",
        ),
        (ForwardOnly, "Model", "an nn.Module with forward"),
        (Foward, "Model", "an nn.Module with foward (close to forward)"),
        (nn.Module, "Model", "an nn.Module without forward"),
        (GeneratesWithoutModule, "TableGenerator", "a class with generate"),
        (Batches, "BatchSource", "a class with batches"),
    ],
)
def test_the_nearest_contract_and_why(form: type, contract: str, why: str) -> None:
    for target in (form, form()):
        inferred = infer(target, CONTRACTS.values())
        assert inferred is not None
        assert inferred.contract.name == contract
        assert inferred.why == f"contract inferred: {why}"


class Named:
    name = "x"


class Updates:
    def update(self) -> None: ...


class Sized:
    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize("target", [Named, Updates, Sized, Path, int, object()])
def test_everyday_names_mean_no_contract(target: object) -> None:
    assert infer(target, CONTRACTS.values()) is None


@pytest.mark.parametrize("name", [name for name in CONTRACTS if example_of(name)])
def test_every_example_is_recognised(name: str) -> None:
    example = example_of(name)
    assert example is not None
    inferred = infer(example.right, CONTRACTS.values())
    assert inferred is not None
    assert inferred.contract.name == name
