"""The members of a contract as they are written in its source."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
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
    variables = {n: variable_name(v) for n, v in _globals(form).items() if is_variable(v)}
    of_model = Model in form.__mro__
    for node in tree.body if isinstance(tree, ast.ClassDef) else []:
        if isinstance(node, ast.FunctionDef):
            yield Member(
                name=node.name,
                signature=_signature_of(node, variables),
                about=ast.get_docstring(node) or "",
                owner=form.__name__,
                of_module=of_model and node.name in vars(nn.Module) and node.name != "forward",
            )


def _globals(form: type) -> Mapping[str, object]:
    return vars(sys.modules[form.__module__])


def _signature_of(node: ast.FunctionDef, variables: Mapping[str, str]) -> str:
    """`def f(self, x: In, /) -> Out`, with the decorator of a property before it, and type
    variables as in messages: `In` for `In_contra`.
    """
    decorators = [f"@{ast.unparse(decorator)} " for decorator in node.decorator_list]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    text = f"{''.join(decorators)}def {node.name}({ast.unparse(node.args)}){returns}"
    return re.sub(r"\b\w+\b", lambda found: variables.get(found[0], found[0]), text)
