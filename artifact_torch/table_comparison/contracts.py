"""What a model of synthetic tables is, and what is known about the columns of a table."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Never, Protocol, TypeAlias, final, runtime_checkable

import pandas as pd
from typing_extensions import TypeVar

from artifact_torch.contracts.io import In_contra, ModelOutput, Out_co
from artifact_torch.contracts.model import Model

Params_contra = TypeVar("Params_contra", contravariant=True)


@runtime_checkable
class TableGenerator(Protocol[Params_contra]):
    """Whatever makes tables. Called by the routine, once per validation."""

    def generate(self, params: Params_contra, /) -> pd.DataFrame:
        """A table with at least the columns of the routine's spec, in any order, in real units."""
        ...


@runtime_checkable
class TableSynthesizer(
    Model[In_contra, Out_co],
    TableGenerator[Params_contra],
    Protocol[In_contra, Out_co, Params_contra],
):
    """A trainable model that makes tables: a plain `nn.Module` with `forward` and `generate`."""


AnyTableSynthesizer: TypeAlias = TableSynthesizer[Never, ModelOutput, Never]
"""Any trainable model that makes tables, whatever it takes."""


@runtime_checkable
class TableSpec(Protocol):
    """Which columns a table has, and of what kind. Read by the routine and by artifact-core.

    artifact-core's `TabularDataSpec` has these members; its own protocol
    (`TabularDataSpecProtocol`) cannot be checked at run time.
    """

    @property
    def features(self) -> Sequence[str]: ...

    @property
    def n_features(self) -> int: ...

    @property
    def cts_features(self) -> Sequence[str]:
        """The continuous columns."""
        ...

    @property
    def n_cts_features(self) -> int: ...

    @property
    def cts_dtypes(self) -> Mapping[str, type[object]]: ...

    @property
    def cat_features(self) -> Sequence[str]:
        """The categorical columns."""
        ...

    @property
    def n_cat_features(self) -> int: ...

    @property
    def cat_dtypes(self) -> Mapping[str, type[object]]: ...

    @property
    def cat_unique_map(self) -> Mapping[str, Sequence[str]]:
        """The known categories of each categorical column, as strings."""
        ...

    @property
    def cat_unique_count_map(self) -> Mapping[str, int]: ...


@final
class Kept:
    """Tables that were made of one table, which nobody changes. They are not pickled, but made
    again.
    """

    def __init__(self) -> None:
        self.made: dict[Hashable, tuple[tuple[pd.DataFrame, ...], object]] = {}
        """Of what (as long as that is here, its id is its own), and what."""

    def __reduce__(self) -> tuple[type["Kept"], tuple[()]]:
        return Kept, ()


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class TableComparisonResources:
    """Two tables, and the spec of the columns that both have. A plan does not change them.

    What is made of one of them alone is kept beside it, for whoever compares the same table next.
    """

    spec: TableSpec
    df_real: pd.DataFrame
    generated: pd.DataFrame
    holdout: pd.DataFrame | None = field(default=None, repr=False)
    """Other real rows, of another split: what `CEILINGS` compares `df_real` with."""
    of_real: Kept = field(default_factory=Kept, repr=False)
    of_generated: Kept = field(default_factory=Kept, repr=False)
