"""Types written as source."""

from collections.abc import Callable, Mapping
from typing import Never, TypedDict

import pandas as pd
import pytest
from typing_extensions import TypeVar

from artifact_torch.cli.static.type_source import NEVER, modules_in, source_of, widest
from artifact_torch.contracts import ModelInput


class Rows(TypedDict):
    x: int


In_contra = TypeVar("In_contra", contravariant=True, bound=ModelInput)
Params_contra = TypeVar("Params_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True, bound=ModelInput)


@pytest.mark.parametrize(
    ("hint", "text", "imports"),
    [
        (int, "int", ()),
        (None, "None", ()),
        (Never, "typing_extensions.Never", ("typing_extensions",)),
        (Rows, f"{__name__}.Rows", (__name__,)),
        (pd.DataFrame, "pandas.core.frame.DataFrame", ("pandas.core.frame",)),
        (int | None, "int | None", ()),
        (list[Rows | None], f"list[{__name__}.Rows | None]", (__name__,)),
        (
            Mapping[str, pd.DataFrame],
            "collections.abc.Mapping[str, pandas.core.frame.DataFrame]",
            ("collections.abc", "pandas.core.frame"),
        ),
    ],
)
def test_types_that_another_file_can_name(
    hint: object, text: str, imports: tuple[str, ...]
) -> None:
    assert source_of(hint) == text
    assert modules_in(text) == {*imports}


def test_types_that_no_other_file_can_name() -> None:
    class Local: ...

    for hint in (Local, list[Local], Callable[[int], str], In_contra, "Rows"):
        assert source_of(hint) is None


def test_what_stands_for_an_open_parameter() -> None:
    bound = "artifact_torch.contracts.io.ModelInput"
    assert widest(In_contra, nothing_known=True) == NEVER
    assert widest(In_contra, nothing_known=False) == bound
    assert widest(Out_co, nothing_known=True) == bound
    assert widest(Params_contra, nothing_known=False) == "object"
