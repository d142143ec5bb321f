"""Source text to module: the checks read annotations that a strict checker would not let us write."""

import importlib.util
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

_PREAMBLE = """
import abc, collections, dataclasses, functools, typing
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import *
import torch, typing_extensions as te
from jaxtyping import Float, Int
from torch import Tensor, nn
from artifact_torch.contracts import *

class In(TypedDict):
    x: Tensor

class WideIn(TypedDict):
    x: Tensor
    y: Tensor

class Out(TypedDict):
    loss: Tensor
    mu: Tensor

class NoLoss(TypedDict):
    mu: Tensor

@dataclasses.dataclass
class Params:
    n: int

@dataclasses.dataclass
class ColdParams(Params):
    temperature: float
"""


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[[str], ModuleType]]:
    """Writes a module, with common imports before it, and imports it. The comment `# future` in it
    makes all annotations strings.
    """
    names: list[str] = []

    def write(source: str) -> ModuleType:
        name = f"written_{tmp_path.name}_{len(names)}"
        file = tmp_path / f"{name}.py"
        body = textwrap.dedent(source)
        future = "from __future__ import annotations" if "# future" in body else ""
        file.write_text(f"{future}{_PREAMBLE}{body}", encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        names.append(name)
        spec.loader.exec_module(module)
        return module

    yield write
    for name in names:
        del sys.modules[name]
