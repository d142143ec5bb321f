"""`artifact-torch explain`: what a contract asks for, and what goes wrong with it."""

import inspect
import textwrap

from artifact_torch.checking.contract import check_contract
from artifact_torch.cli.catalogue import (
    Contract,
    ContractNameError,
    all_contracts,
    named_contract,
)
from artifact_torch.cli.examples_source import Example, example_of
from artifact_torch.cli.members_source import Member, members_of


def explanation(name: str) -> tuple[str, str]:
    """The text about the contract, and what is wrong with the name; one of them is empty."""
    try:
        contract = named_contract(name, all_contracts())
    except ContractNameError as error:
        return "", str(error)
    parts = [_head(contract), _members(contract)]
    example = example_of(contract.name)
    if example is not None:
        parts += [_right(example), _mistakes(contract, example)]
    return "\n\n".join(parts) + "\n", ""


def _head(contract: Contract) -> str:
    about = inspect.getdoc(contract.protocol) or ""
    imported = f"from {public_module(contract)} import {contract.name}"
    return f"{contract.signature}\n\n{textwrap.indent(about, '  ')}\n\n  {imported}"


def public_module(contract: Contract) -> str:
    """The package that the contract is imported from."""
    module = contract.protocol.__module__
    core = "artifact_torch.contracts"
    return core if module.startswith(f"{core}.") else module.removesuffix(".contracts")


def _members(contract: Contract) -> str:
    shown: list[str] = []
    owner = contract.name
    members = members_of(contract)
    for member in members:
        if member.of_module:
            continue
        if member.owner != owner:
            owner = member.owner
            shown.append(f"  from {owner}")
        shown.append(_member(member, optional=member.name not in contract.required))
    if brought := [member.name for member in members if member.of_module]:
        shown.append(f"  and what every nn.Module has: {', '.join(brought)}")
    return "\n".join(["members", *shown])


def _member(member: Member, *, optional: bool) -> str:
    about = member.about + ("\n(has a default for those who name the base)" if optional else "")
    lines = [f"  {member.signature}", *(f"      {line}".rstrip() for line in about.splitlines())]
    return "\n".join(lines)


def _right(example: Example) -> str:
    return (
        f"a class that fits: {_lower(example.about)}\n\n{textwrap.indent(example.source, '    ')}"
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _mistakes(contract: Contract, example: Example) -> str:
    """Computed now, so that the words are those of the check."""
    said = [f"  - {violation}" for violation in check_contract(example.wrong, contract.protocol)]
    source = textwrap.indent(example.wrong_source, "    ")
    return "\n".join(["common mistakes", "", source, "", "what the check says about it", "", *said])
