"""A domain: the artifacts that can be computed of its resources, by kind and name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, final

from typing_extensions import TypeVar

from artifact_torch.contracts import ResultKind

if TYPE_CHECKING:  # with seaborn, scikit-learn and SciPy: 1.1 seconds, 130 MiB
    from artifact_core.spi.orchestration import ArtifactType

Resources = TypeVar("Resources")

Member: TypeAlias = "ArtifactType | str"
"""An artifact as a plan lists it: a member of an enum of artifact-core, or a name."""

Compute: TypeAlias = "Callable[[ResultKind, Member], object]"
"""The value of one artifact, of the type that its kind has; raises whatever the artifact raises."""


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Domain(Generic[Resources]):
    """What a plan of one domain may list, and how it is computed.

    Functions of a module, so that a plan can be sent to another process.
    """

    names: Mapping[ResultKind, Collection[str]]
    """All that comes with the domain. Known without loading artifact-core."""
    computing: Callable[[Resources], Compute]
    """Called once a round: what several artifacts need is made once."""
    find: Callable[[ResultKind, str], object]
    """The artifact that somebody registered with artifact-core under a name. Raises artifact-core's
    `ValueError` ("not registered") for a name that nobody did.
    """
    enums: Callable[[], Mapping[ResultKind, type[ArtifactType]]] = dict
    """artifact-core's enum of each kind, where it has the domain. Loads artifact-core."""

    def is_registered(self, kind: ResultKind, name: str) -> bool:
        """Whether a plan may list `name`. Loads artifact-core for one that is not the domain's."""
        if name in self.names[kind]:
            return True
        # A registry does not list its names: it only hands out artifacts, or refuses by this message.
        try:
            self.find(kind, name)
        except ValueError as error:
            return "not registered" not in str(error)
        except Exception:  # noqa: BLE001  (a custom artifact that cannot do without the real spec)
            return True
        return True
