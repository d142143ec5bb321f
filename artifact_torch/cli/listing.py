"""`artifact-torch contracts`: every contract, each in a few lines."""

import ast
import inspect
import json

from artifact_torch.cli.catalogue import Contract, all_contracts
from artifact_torch.cli.examples_source import example_of
from artifact_torch.cli.explain import public_module
from artifact_torch.cli.members_source import members_of, signature_of


def listing(*, as_json: bool) -> str:
    """All contracts. JSON: `version`, `contracts[]` with name, signature, module, about, members[]
    (name, signature, about, owner, required), example.
    """
    known = [*all_contracts().values()]
    if as_json:
        fields = {"version": 1, "contracts": [_fields(contract) for contract in known]}
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"
    entries = [_entry(contract) for contract in known]
    return "\n\n".join([*entries, "artifact-torch explain NAME tells more"]) + "\n"


def _entry(contract: Contract) -> str:
    lines = [contract.signature, f"  {_about(contract)}"]
    members = members_of(contract)
    of_others = dict.fromkeys(m.owner for m in members if m.owner != contract.name)
    own = [member for member in members if member.owner == contract.name]
    for member in own:
        optional = "" if member.name in contract.required else "  (has a default)"
        if not member.of_module:
            lines.append(f"    {member.signature}{optional}")
    if brought := [member.name for member in own if member.of_module]:
        lines.append(f"    and of nn.Module: {', '.join(brought)}")
    lines += [f"    and all of {owner}" for owner in of_others]
    return "\n".join([*lines, f"  e.g. {_example(contract)}"])


def _about(contract: Contract) -> str:
    return (inspect.getdoc(contract.protocol) or "").partition("\n")[0]


def _example(contract: Contract) -> str:
    """A line of the example class: its first member that the contract asks for."""
    example = example_of(contract.name)
    if example is None:
        return ""
    tree = ast.parse(inspect.getsource(example.right)).body[0]
    lines = (_line(node) for node in (tree.body if isinstance(tree, ast.ClassDef) else []))
    found = (line for name, line in lines if name in contract.members)
    return f"class {example.right.__name__}: {next(found, '...')}"


def _line(node: ast.stmt) -> tuple[str, str]:
    """The name that the statement defines, and the statement without its body."""
    match node:
        case ast.FunctionDef(name=name):
            return name, f"{signature_of(node)}: ..."
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name, ast.unparse(node)
        case _:
            return "", ""


def _fields(contract: Contract) -> dict[str, object]:
    members = [
        {
            "name": member.name,
            "signature": member.signature,
            "about": member.about,
            "owner": member.owner,
            "required": member.name in contract.required,
        }
        for member in members_of(contract)
    ]
    return {
        "name": contract.name,
        "signature": contract.signature,
        "module": public_module(contract),
        "about": _about(contract),
        "members": members,
        "example": _example(contract),
    }
