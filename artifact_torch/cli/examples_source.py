"""The example of each contract, as source and as classes."""

import ast
import importlib
import inspect
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Final, final

from artifact_torch.cli import examples

WRONG: Final = "Wrong"


@final
@dataclass(frozen=True, kw_only=True)
class Example:
    """A class that satisfies a contract, and one that does not."""

    about: str
    """One line."""
    source: str
    """A complete program without the wrong class."""
    wrong_source: str
    right: type
    wrong: type


def example_of(contract: str) -> Example | None:
    """The example of a contract of the toolkit; None for one that has none."""
    name = f"{examples.__name__}.{file_name(contract)}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise
    wrong = next(value for key, value in vars(module).items() if key.startswith(WRONG))
    right = vars(module)[wrong.__name__.removeprefix(WRONG)]
    program, _, _ = _body(module).partition(_class_source(module, wrong))
    return Example(
        about=(module.__doc__ or "").strip(),
        source=program.strip(),
        wrong_source=_class_source(module, wrong).strip(),
        right=right,
        wrong=wrong,
    )


def file_name(contract: str) -> str:
    """`table_synthesizer` for `TableSynthesizer`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", contract).lower()


def _body(module: ModuleType) -> str:
    """The source after the docstring."""
    source = inspect.getsource(module)
    first = ast.parse(source).body[1]
    return "\n".join(source.splitlines()[first.lineno - 1 :])


def _class_source(module: ModuleType, form: type) -> str:
    """With its decorators, which `inspect.getsource` brings along."""
    source = inspect.getsource(vars(module)[form.__name__])
    return source.rstrip("\n")
