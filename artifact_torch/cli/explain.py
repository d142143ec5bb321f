"""`artifact-torch contracts` and `explain`: what contracts ask for, and what goes wrong with one."""

import inspect
import json
import textwrap
from dataclasses import asdict

from artifact_torch.checking.contract import check_contract
from artifact_torch.cli.catalogue import Contract, ContractNameError, all_contracts, named_contract
from artifact_torch.cli.examples_source import example_of
from artifact_torch.cli.members_source import Member, members_of


def listing(*, as_json: bool) -> str:
    """All contracts. JSON: `version`, `contracts[]` with name, signature, module, about, members[]
    (name, signature, about, owner, of_module, required).
    """
    known = [*all_contracts().values()]
    if as_json:
        fields = {"version": 2, "contracts": [_fields(contract) for contract in known]}
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
    entries = [
        f"{contract.signature}\n  {contract.about}\n  asks for: {', '.join(contract.required)}"
        for contract in known
    ]
    return "\n\n".join([*entries, "artifact-torch explain NAME tells more"]) + "\n"


def _fields(contract: Contract) -> dict[str, object]:
    return {
        "name": contract.name,
        "signature": contract.signature,
        "module": contract.module,
        "about": contract.about,
        "members": [
            {**asdict(member), "required": member.name in contract.required}
            for member in members_of(contract)
        ],
    }


def explanation(name: str) -> tuple[str, str]:
    """The text about the contract, and what is wrong with the name; one of them is empty."""
    try:
        contract = named_contract(name, all_contracts())
    except ContractNameError as error:
        return "", str(error)
    about = textwrap.indent(inspect.getdoc(contract.protocol) or "", "  ")
    imported = f"  from {contract.module} import {contract.name}"
    members = "\n".join(["members", *_members(contract)])
    parts = [contract.signature, about, imported, members, *_example(contract)]
    return "\n\n".join(parts) + "\n", ""


def _members(contract: Contract) -> list[str]:
    shown: list[str] = []
    owner = contract.name
    members = members_of(contract)
    for member in members:
        if member.of_module:
            continue
        if member.owner != owner:
            owner = member.owner
            shown.append(f"  from {owner}")
        shown += _member(member, is_optional=member.name not in contract.required)
    if brought := [member.name for member in members if member.of_module]:
        shown.append(f"  and what every nn.Module has: {', '.join(brought)}")
    return shown


def _member(member: Member, *, is_optional: bool) -> list[str]:
    default = ["(has a default for those who name the base)"] if is_optional else []
    about = [*member.about.splitlines(), *default]
    return [f"  {member.signature}", *(f"      {line}".rstrip() for line in about)]


def _example(contract: Contract) -> list[str]:
    """What is said about the wrong class is computed now, in the words of the check."""
    example = example_of(contract.name)
    if example is None:
        return []
    said = [f"  - {violation}" for violation in check_contract(example.wrong, contract.protocol)]
    return [
        f"a class that fits: {example.about[:1].lower()}{example.about[1:]}",
        textwrap.indent(example.source, "    "),
        "common mistakes",
        textwrap.indent(example.wrong_source, "    "),
        "what the check says about it",
        "\n".join(said),
    ]
