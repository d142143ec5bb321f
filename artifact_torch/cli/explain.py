"""`artifact-torch contracts` and `explain`: what contracts ask for, and what goes wrong with one."""

import inspect
import textwrap

from artifact_torch.checking.annotations.forms import is_protocol
from artifact_torch.checking.contract import check_contract
from artifact_torch.cli.catalogue import Contract, all_contracts, named_contract
from artifact_torch.cli.examples_source import Example, example_of


def listing() -> str:
    """All contracts."""
    entries = [
        f"{contract.signature}\n  {contract.about}\n  asks for: {', '.join(contract.required)}"
        for contract in all_contracts().values()
    ]
    return "\n\n".join([*entries, "artifact-torch explain NAME tells more"]) + "\n"


def explanation(name: str) -> str:
    """The text about the contract. Raises `ContractNameError`."""
    contract = named_contract(name, all_contracts())
    parts = {
        contract.signature: f"from {contract.module} import {contract.name}",
        "what it asks for": declaration(contract),
    }
    example = example_of(contract.name)
    if example is not None:
        about = f"{example.about[:1].lower()}{example.about[1:]}"
        parts |= {
            f"a class that fits: {about}": example.source,
            "common mistakes": example.wrong_source,
            "what the check says about it": "\n".join(wrong_with(example, contract)),
        }
    shown = (f"{head}\n\n{textwrap.indent(text, '    ')}\n" for head, text in parts.items())
    return "\n".join(shown)


def declaration(contract: Contract) -> str:
    """The contract as it is written, with those that it includes."""
    forms = [form for form in contract.protocol.__mro__ if is_protocol(form)]
    return "\n\n".join(inspect.getsource(form).strip() for form in forms)


def wrong_with(example: Example, contract: Contract) -> list[str]:
    """Computed now, in the words of the check."""
    return [str(violation) for violation in check_contract(example.wrong, contract.protocol)]
