"""The example of each contract that users write by hand, as source and as classes."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

EXAMPLES: Final = Path(__file__).with_name("examples")


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
    file = EXAMPLES / f"{file_name(contract)}.py"
    if not file.is_file():
        return None
    about, source, wrong = re.split(r'"""\n\n|\n\n\n(?=class Wrong)', file.read_text("utf-8"))
    module = importlib.import_module(f"{__package__}.examples.{file.stem}")
    name = wrong.removeprefix("class ").partition(":")[0].partition("(")[0]
    classes = vars(module)
    return Example(
        about=about.removeprefix('"""'),
        source=source,
        wrong_source=wrong.strip(),
        right=classes[name.removeprefix("Wrong")],
        wrong=classes[name],
    )


def file_name(contract: str) -> str:
    """`table_synthesizer` for `TableSynthesizer`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", contract).lower()
