"""What is kept of settings, key by key, and what is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType

import numpy as np
import pytest
import torch
from torch import nn

from artifact_torch import ConfigurationError
from artifact_torch.trainer.settings import plain_settings


class Mode(Enum):
    FAST = 1


class Level(IntEnum):
    HIGH = 3


class Word(StrEnum):
    COSINE = "cosine"


@dataclass(frozen=True)
class Layer:
    width: int
    dropout: float | None = None


@dataclass
class Config:
    lr: float = 0.001
    layers: list[Layer] = field(default_factory=lambda: [Layer(8), Layer(4, 0.5)])
    data: Mapping[object, object] = field(default_factory=dict[object, object])


@dataclass
class Nothing:
    pass


def test_what_is_nested_has_dotted_keys() -> None:
    data: dict[object, object] = {"folder": PurePosixPath("a/b"), "columns": ("x", "y"), 3: "three"}
    assert plain_settings({"model": Config(data=MappingProxyType(data)), "seed": 1}) == {
        "model.lr": 0.001,
        "model.layers.0.width": 8,
        "model.layers.0.dropout": None,
        "model.layers.1.width": 4,
        "model.layers.1.dropout": 0.5,
        "model.data.folder": "a/b",
        "model.data.columns": ["x", "y"],
        "model.data.3": "three",
        "seed": 1,
    }
    assert plain_settings(Layer(2)) == {"width": 2, "dropout": None}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (None, None),
        ("text", "text"),
        (2**70, 2**70),
        (0.1, 0.1),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(1), True),
        (np.str_("text"), "text"),
        (Mode.FAST, "FAST"),
        (Level.HIGH, "HIGH"),
        (Word.COSINE, "cosine"),
        (torch.bfloat16, "torch.bfloat16"),
        (torch.device("cuda:1"), "cuda:1"),
        ((3, 4), [3, 4]),
        (torch.Size([3, 4]), [3, 4]),
        ([Mode.FAST, None], ["FAST", None]),
        ([], []),
        ((), []),
        ({}, "{}"),
        (Nothing(), "{}"),
    ],
)
def test_a_value_becomes_plain(value: object, expected: object) -> None:
    plain = plain_settings({"key": value})
    assert plain == {"key": expected}
    assert type(plain["key"]) is type(expected)
    again: object = json.loads(json.dumps(plain, allow_nan=False))
    assert again == plain


def test_lists_of_lists_get_numbers() -> None:
    assert plain_settings({"grid": [[1, 2], [3]]}) == {"grid.0": [1, 2], "grid.1": [3]}


def test_nothing_that_changes_later_changes_it() -> None:
    columns = ["x"]
    plain = plain_settings({"columns": columns})
    columns.append("y")
    assert plain == {"columns": ["x"]}


def test_nothing_was_set() -> None:
    assert plain_settings({}) == {}
    assert plain_settings(Nothing()) == {}


def test_all_that_cannot_be_kept_is_said_at_once() -> None:
    settings = {"net": nn.Linear(1, 1), "seeds": [1, torch.zeros(1)], "a": {"b": Layer}, "c": 1}
    with pytest.raises(ConfigurationError) as refused:
        plain_settings(settings)
    lines = str(refused.value).splitlines()
    assert [line.partition(", expected a number, str")[0] for line in lines] == [
        'settings: "net" is a Linear',
        'settings: "seeds" is a Tensor',
        'settings: "a.b" is the class Layer',
    ]
    assert lines[0].endswith("or list of them; write it in words")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (3, "settings must be a dataclass or a dict, got 3; write a dict"),
        ([Layer(1)], "settings must be a dataclass or a dict, got a list; write a dict"),
        (Config, "settings must be a dataclass or a dict, got the class Config; call it"),
        ({1.5: 1}, "the dict has the key 1.5, expected a str; name it in words"),
        ({"a": {"": 1}}, "\"a\" has the key '', expected a str; name it in words"),
        ({"a.b": 1, "a": {"b": 2}}, 'two values have the key "a.b"; name them apart'),
    ],
)
def test_what_has_no_key_is_refused(settings: object, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        plain_settings(settings)
    assert said in str(refused.value)


def test_what_holds_itself_is_refused() -> None:
    inside: dict[str, object] = {}
    inside["items"] = [inside]
    with pytest.raises(ConfigurationError, match=r'"a\.items\.0" holds itself; leave that out'):
        plain_settings({"a": inside})
    twice = Layer(1)
    assert plain_settings({"a": twice, "b": twice})["b.width"] == 1
