"""What of a module is taken for a contract: nothing that was meant is left out, nothing else said."""

import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from artifact_torch.cli.main import main

HEAD = """
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, TypedDict, TypeVar

import pandas as pd
import torch
from torch import Tensor, nn
from torch.utils import data as torch_data

T = TypeVar("T")


class Points(TypedDict):
    x: Tensor


class Fit(TypedDict):
    loss: Tensor


class Right(nn.Module):
    def forward(self, points: Points) -> Fit:
        return Fit(loss=points["x"].mean())


"""

Judged = Callable[..., dict[str, tuple[str, str]]]
_NUMBERS = itertools.count()


@pytest.fixture
def judged(shop: Path, capsys: pytest.CaptureFixture[str]) -> Judged:
    """By name of a class the contract and status; of one that is left out nothing and the reason."""

    def check(source: str, *options: str, status: int) -> dict[str, tuple[str, str]]:
        module = f"case_{next(_NUMBERS)}"
        (shop / f"{module}.py").write_text(HEAD + source)
        found = main(["check", module, "--checker", "none", "--format", "json", *options])
        report = json.loads(capsys.readouterr().out)
        assert found == status, report
        verdicts = {
            each["target"]: (each["contract"], each["status"]) for each in report["targets"]
        }
        verdicts |= {each["name"]: ("", each["reason"]) for each in report["skipped"]}
        sys.modules.pop(module, None)
        return {name.partition(":")[2]: verdict for name, verdict in verdicts.items()}

    return check


MODEL = "class Net(nn.Module):\n    {}(self, points: Points) -> Fit:\n        return Fit(loss=points['x'])\n"


@pytest.mark.parametrize(
    "name", ["foward", "forwrad", "forwad", "froward", "Forward", "FORWARD", "forwards", "forwardd"]
)
def test_a_misspelt_forward_beside_a_right_class(judged: Judged, name: str) -> None:
    found = judged(MODEL.format(f"def {name}"), status=1)
    assert found == {"Right": ("Model", "fits"), "Net": ("Model", "does not fit")}


@pytest.mark.parametrize("name", ["encode", "reward", "forward_hidden", "_forward"])
def test_a_module_without_forward_may_be_a_building_block(judged: Judged, name: str) -> None:
    found = judged(MODEL.format(f"def {name}"), status=0)
    assert found == {
        "Right": ("Model", "fits"),
        "Net": ("", "it has no forward: a building block?"),
    }


def test_a_model_that_is_not_annotated_is_told_by_its_loss(judged: Judged) -> None:
    source = "class Net(nn.Module):\n    def forward(self, {}):\n        return {}\n"
    for written in ("{'loss': batch['x'].mean()}", "dict(loss=batch, z=1)", "Fit(loss=batch)"):
        found = judged(source.format("batch", written), status=2)
        assert found["Net"] == ("Model", "could not check")
    assert judged(source.format("batch: Points", "{'loss': batch}"), status=0)["Net"][1] == "fits"
    assert judged(source.format("x: Tensor", "{'loss': x}"), status=1)["Net"][1] == "does not fit"
    for block in ("batch.mean()", "batch['x']"):
        assert judged(source.format("batch", block), status=0)["Net"][0] == ""


LENGTH = "    def __len__(self) -> int:\n        return 3\n"


@pytest.mark.parametrize("kind", ["property", "functools.cached_property"])
def test_forward_as_a_property(judged: Judged, kind: str) -> None:
    source = (
        f"import functools\nclass Net(nn.Module):\n    @{kind}\n    def forward(self) -> Fit:\n"
        "        return Fit()\n"
    )
    assert judged(source, status=1)["Net"] == ("Model", "does not fit")


def test_forward_as_a_text(judged: Judged) -> None:
    source = "class Net(nn.Module):\n    forward = 'loss'\n"
    assert judged(source, status=1)["Net"] == ("Model", "does not fit")


@pytest.mark.parametrize(("length", "status"), [(True, "fits"), (False, "does not fit")])
def test_a_source_of_batches_without_a_length(judged: Judged, *, length: bool, status: str) -> None:
    source = "class Source:\n    def batches(self, epoch: int) -> Iterator[Points]:\n        yield Points()\n"
    found = judged(source + length * LENGTH, status=int(not length))
    assert found["Source"] == ("BatchSource", status)


def test_a_forward_of_a_static_method_is_judged_too(judged: Judged) -> None:
    source = (
        "class Net(nn.Module):\n    @staticmethod\n    def forward(points: Points) -> Tensor:\n"
        "        return points['x']\n"
    )
    assert judged(source, status=1)["Net"] == ("Model", "does not fit")


ITEMS = "class {name}:\n    def __getitem__(self, {index}) -> {item}:\n        raise IndexError\n"


@pytest.mark.parametrize(
    ("name", "index", "item", "length", "status"),
    [
        ("Rows", "index: int", "Points", LENGTH, "fits"),
        ("Rows", "index: int", "Tensor", LENGTH, "fits"),
        ("Rows", "name: str", "Points", LENGTH, "does not fit"),
        ("Rows", "index: int", "Points", "", "does not fit"),
        ("TextDataset", "name: str", "Tensor", LENGTH, "does not fit"),
        ("TextDataset", "index: int", "Tensor", "", "does not fit"),
        ("Rows(torch_data.Dataset[Tensor])", "index: int", "Tensor", "", "does not fit"),
        ("Rows(torch_data.Dataset[Points])", "index: int", "Points", LENGTH, "fits"),
    ],
)
def test_datasets(  # noqa: PLR0917  (columns of the table above)
    judged: Judged, name: str, index: str, item: str, length: str, status: str
) -> None:
    source = ITEMS.format(name=name, index=index, item=item) + length
    found = judged(source, status=0 if status == "fits" else 1)
    assert found[name.partition("(")[0]] == ("Dataset", status)


@pytest.mark.parametrize(("index", "length"), [("name: str", LENGTH), ("name: str", "")])
def test_what_only_has_items_is_told_and_left_out(judged: Judged, index: str, length: str) -> None:
    source = ITEMS.format(name="Registry", index=index, item="int") + length
    contract, reason = judged(source, status=0)["Registry"]
    assert (contract, reason[:31]) == ("", "it resembles Dataset only in __")


def test_a_stream_of_rows(judged: Judged) -> None:
    source = (
        "class Stream(torch_data.IterableDataset[Points]):\n"
        "    def __iter__(self) -> Iterator[Points]:\n        yield Points(x=torch.zeros(2))\n"
    )
    assert judged(source + LENGTH, status=0)["Stream"] == ("IterableDataset", "fits")


CALLBACK = """
    def name(self) -> str:
        return "n"

    def start(self) -> None:
        self.total = 0.0

    def update(self, batch: object, output: Fit) -> None:
        self.total += output["loss"].item()
"""
NAMED = CALLBACK.replace("    def name", "    @property\n    def name")
FINISH = "\n    def finish(self) -> float:\n        return 1.0\n"


@pytest.mark.parametrize("first", ["", "    def reset(self) -> None: ...\n"])
def test_a_callback_with_the_names_of_torchmetrics(judged: Judged, first: str) -> None:
    head, compute = (
        "class Mean:\n    def __init__(self) -> None:\n        self.name = 'mean'\n",
        ("    def compute(self) -> float:\n        return 0.0\n"),
    )
    update = "    def update(self, batch: Points, output: Fit) -> None: ...\n"
    found = judged(head + first + update + compute, status=1)
    assert found["Mean"] == ("LoaderCallback", "does not fit")
    meter = update.replace("batch: Points, output: Fit", "value: float, n: int")
    contract, reason = judged(head + first + meter + compute, status=0)["Mean"]
    assert (contract, reason[:34]) == ("", "it resembles LoaderCallback only i")


@pytest.mark.parametrize(
    "source",
    [
        f"class Base(ABC):{NAMED}",
        f"class Base(ABC):{NAMED}\n    @abstractmethod\n    def finish(self) -> float: ...\n",
        f"class Base:{NAMED}\nclass Mean(Base):{FINISH}",
        f"class Base:{NAMED}\nclass Middle(Base):\n    pass\nclass Mean(Middle):{FINISH}",
    ],
)
def test_what_an_abstract_class_leaves_to_its_subclasses_is_not_asked(
    judged: Judged, source: str
) -> None:
    found = judged(source, "--strict", status=0)
    assert {verdict for name, verdict in found.items() if name != "Right"} == {
        ("LoaderCallback", "fits")
    }


def test_what_an_abstract_class_writes_is_judged(judged: Judged) -> None:
    assert judged(f"class Base(ABC):{CALLBACK}", status=1)["Base"] == (
        "LoaderCallback",
        "does not fit",
    )
    assert judged(f"class Lone:{NAMED}", status=1)["Lone"] == ("LoaderCallback", "does not fit")


def test_attributes_that_init_sets_are_no_doubt(judged: Judged) -> None:
    source = """
class Mean:
    def __init__(self) -> None:
        self.name = "mean"
        self.total = 0.0

    def start(self) -> None: ...

    def update(self, batch: object, output: Fit) -> None: ...

    def finish(self) -> float:
        return 1.0
"""
    assert judged(source, "--strict", status=0)["Mean"] == ("LoaderCallback", "fits")
    unset = source.replace("self.name", "self.names")
    assert judged(unset, "--strict", status=1)["Mean"] == ("LoaderCallback", "does not fit")


GENERATES = (
    "class Net(Right):\n    def generate(self, prompt: Tensor, n: int){}:\n        return prompt\n"
)


@pytest.mark.parametrize("returns", [" -> Tensor", " -> list[str]", " -> str | Tensor", " -> None"])
def test_a_language_model_is_no_table_synthesizer(
    judged: Judged, shop: Path, capsys: pytest.CaptureFixture[str], returns: str
) -> None:
    assert judged(GENERATES.format(returns), status=0)["Net"] == ("Model", "fits")
    (shop / "language.py").write_text(HEAD + GENERATES.format(returns))
    assert main(["check", "language:Net", "--checker", "none"]) == 0
    said = f"generate returns {returns.removeprefix(' -> ')}, no DataFrame"
    assert said in capsys.readouterr().out
    sys.modules.pop("language", None)


@pytest.mark.parametrize(
    "returns", [" -> pd.DataFrame", "", " -> Any", " -> T", " -> 'pd.DataFrame'"]
)
def test_a_generate_that_may_make_tables_is_judged(judged: Judged, returns: str) -> None:
    found = judged(GENERATES.format(returns), status=1)
    assert found["Net"] == ("TableSynthesizer", "does not fit")


RECORDS = """
class Records:
    def __getitem__(self, row: int) -> Points: ...

    def __len__(self) -> int:
        return 3

    def take(self, {}) -> list[Points]: ...
"""


@pytest.mark.parametrize("takes", ["n: int", "rows: list[int], axis: int = 0"])
def test_a_table_of_another_library_is_no_dataset_by_batches(judged: Judged, takes: str) -> None:
    assert judged(RECORDS.format(takes), status=0)["Records"] == ("Dataset", "fits")


@pytest.mark.parametrize("takes", ["rows: Tensor", "rows", "rows: object"])
def test_a_take_that_may_read_rows_is_judged(judged: Judged, takes: str) -> None:
    assert judged(RECORDS.format(takes), status=0)["Records"] == ("BatchDataset", "fits")


def test_what_talks_to_a_language_model_makes_no_tables(judged: Judged) -> None:
    source = "class Talk:\n    def generate(self, prompt: str) -> str:\n        return prompt\n"
    assert "Talk" not in judged(source, status=0)
    tables = source.replace("-> str", "-> pd.DataFrame")
    assert judged(tables, status=0)["Talk"] == ("TableGenerator", "fits")


@pytest.mark.parametrize("made", ["Trainer[Points, Fit]", '"Trainer[Points, Fit]"'])
def test_a_factory_of_a_trainer_is_named_since_only_there_parts_meet(
    judged: Judged, made: str
) -> None:
    makes = (
        f"from artifact_torch import Trainer\ndef make() -> {made}: ...\ndef other() -> int: ...\n"
    )
    found = judged(makes, status=0)
    assert {*found} == {"Right", "make"}
    told = (
        " calls it, and checks the parts of its trainer together; --ranks 2 also on two processes"
    )
    assert found["make"][1].endswith(told)
