"""`artifact-torch contracts` and `explain`: what contracts ask for, and what goes wrong with one."""

import importlib
import inspect
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import final

from artifact_torch.checking.annotations.forms import is_protocol
from artifact_torch.checking.contract import check_contract
from artifact_torch.cli.catalogue import Contract, all_contracts, named_contract


def listing() -> str:
    """All contracts."""
    entries = [
        f"{contract.signature}\n  {contract.about}\n  asks for: {', '.join(contract.required)}"
        for contract in all_contracts().values()
    ]
    return "\n\n".join([*entries, "artifact-torch explain NAME tells more"]) + "\n"


def explanation(name: str) -> str:
    """The text about the contract. Raises `CannotCheckError`."""
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


@final
@dataclass(frozen=True, kw_only=True)
class Example:
    """A class that satisfies a contract, and one that does not, of a file in `examples`."""

    about: str
    """One line."""
    source: str
    """A complete program without the wrong class."""
    wrong_source: str
    right: type
    wrong: type


def example_of(contract: str) -> Example | None:
    """The example of a contract of the toolkit; None for one that nobody writes by hand."""
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", contract).lower()
    file = Path(__file__).with_name("examples") / f"{stem}.py"
    if not file.is_file():
        return None
    about, source, wrong = re.split(r'"""\n\n|\n\n\n(?=class Wrong)', file.read_text("utf-8"))
    classes = vars(importlib.import_module(f"{__package__}.examples.{stem}"))
    name = re.findall(r"\w+", wrong)[1]
    return Example(
        about=about.removeprefix('"""'),
        source=source,
        wrong_source=wrong.strip(),
        right=classes[name.removeprefix("Wrong")],
        wrong=classes[name],
    )


def wrong_with(example: Example, contract: Contract) -> list[str]:
    """Computed now, in the words of the check."""
    return [str(violation) for violation in check_contract(example.wrong, contract.protocol)]
