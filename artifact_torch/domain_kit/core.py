"""A domain that artifact-core has, by the public names of its module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import new_class
from typing import TYPE_CHECKING, Any, final

from artifact_torch.contracts import ResultKind
from artifact_torch.internal.extras import from_extra

if TYPE_CHECKING:
    from artifact_core.spi.orchestration import ArtifactType


@final
@dataclass(frozen=True, kw_only=True)
class CoreDomain:
    """Nothing of artifact-core is loaded before one of these is asked for.

    Any, here: artifact-core's registries and artifacts are generic in classes of its own.
    """

    module: str
    """`artifact_core.table_comparison`"""
    prefix: str
    """`TableComparison`, of `TableComparisonScoreType` and all other names of the domain."""

    def enums(self) -> Mapping[ResultKind, type[ArtifactType]]:
        """The enum of each kind."""
        return {kind: self._public("", kind, "Type") for kind in ResultKind}

    def registry(self, kind: ResultKind) -> Any:
        """The registry of a kind."""
        return self._public(".spi", kind, "Registry")

    def custom(self, kind: ResultKind, method: str, function: Callable[..., object]) -> type[Any]:
        """A custom artifact of a kind, with the one method that it has to write."""
        base = self._public(".spi", kind, "")
        return new_class(
            "OfFunction", (base,), exec_body=lambda body: body.update({method: function})
        )

    def _public(self, where: str, kind: ResultKind, what: str) -> Any:
        words = "".join(word.title() for word in kind.value.split("_"))
        with from_extra("tables", f"an artifact of {self.module}"):
            return getattr(import_module(self.module + where), f"{self.prefix}{words}{what}")
