"""The members of a contract as they are written in its source."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from torch import nn

from artifact_torch.checking.annotations.forms import is_protocol, is_variable
from artifact_torch.checking.annotations.spelling import variable_name
from artifact_torch.cli.catalogue import Contract
from artifact_torch.contracts import Model


@final
@dataclass(frozen=True, kw_only=True)
class Member:
    """One member, as to be shown."""

    name: str
    signature: str
    about: str
    """Its docstring; empty where it has none."""
    owner: str
    """The protocol that declares it."""
    of_module: bool
    """Whether every `nn.Module` has it."""


def members_of(contract: Contract) -> list[Member]:
    """In the order of definition, those of other contracts that it includes last."""
    found: dict[str, Member] = {}
    for form in contract.protocol.__mro__:
        if is_protocol(form):
            for member in _own_members(form):
                found.setdefault(member.name, member)
    return [*found.values()]


def _own_members(form: type) -> Iterator[Member]:
    tree = ast.parse(inspect.getsource(form)).body[0]
    names = {name: variable_name(v) for name, v in _variables(form).items()}
    for node in tree.body if isinstance(tree, ast.ClassDef) else []:
        if isinstance(node, ast.FunctionDef):
            yield Member(
                name=node.name,
                signature=_short(signature_of(node), names),
                about=ast.get_docstring(node) or "",
                owner=form.__name__,
                of_module=_comes_with_module(form, node.name),
            )


def _comes_with_module(form: type, name: str) -> bool:
    return Model in form.__mro__ and name in vars(nn.Module) and name != "forward"


def signature_of(node: ast.FunctionDef) -> str:
    """`def f(self, x: In, /) -> Out`, with the decorator of a property before it."""
    decorators = [f"@{ast.unparse(decorator)} " for decorator in node.decorator_list]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{''.join(decorators)}def {node.name}({ast.unparse(node.args)}){returns}"


def _variables(form: type) -> dict[str, object]:
    module = inspect.getmodule(form)
    return {name: value for name, value in vars(module).items() if is_variable(value)}


def _short(text: str, names: dict[str, str]) -> str:
    """With the type variables named as in messages: `In` for `In_contra`."""
    return re.sub(r"\b\w+\b", lambda found: names.get(found[0], found[0]), text)
