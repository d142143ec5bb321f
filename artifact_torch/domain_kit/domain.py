"""A domain: the artifacts that can be computed of its resources, by kind and name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, final

from typing_extensions import TypeVar

from artifact_torch.contracts import ResultKind
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import refuse, text

if TYPE_CHECKING:  # with seaborn, scikit-learn and SciPy: 1.1 seconds, 130 MiB
    from artifact_core.spi.orchestration import ArtifactType

Resources = TypeVar("Resources")

Member: TypeAlias = "ArtifactType | str"
"""An artifact as a plan lists it: a member of an enum of artifact-core, or a name."""

Compute: TypeAlias = "Callable[[ResultKind, Member], object]"
"""The value of one artifact, of the type that its kind has; raises whatever the artifact raises."""


class Registry(Protocol):
    """The part of artifact-core's registries that is used."""

    def register_custom_artifact(self, artifact_type: str) -> Callable[[type[Any]], type[Any]]:
        """Any: artifact-core's artifacts are generic in classes of its own."""
        ...


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Domain(Generic[Resources]):
    """What a plan of one domain may list, and how it is computed.

    Functions of a module, so that a plan can be sent to another process.
    """

    resources: type[Resources]
    """What the artifacts are computed of."""
    names: Mapping[ResultKind, Collection[str]]
    """All that comes with the domain. Known without loading artifact-core."""
    computing: Callable[[Resources], Compute]
    """Called once a round: what several artifacts need is made once."""
    find: Callable[[ResultKind, str], object]
    """The artifact that somebody registered with artifact-core under a name. Raises artifact-core's
    `ValueError` ("not registered") for a name that nobody did.
    """
    registry: Callable[[ResultKind], Registry]
    """artifact-core's registry of a kind. Loads artifact-core."""
    adapted: Callable[[ResultKind, Callable[[Resources], object]], type[Any]]
    """The artifact of artifact-core that computes a function of the resources."""
    enums: Callable[[], Mapping[ResultKind, type[ArtifactType]]] = dict
    """artifact-core's enum of each kind, where it has the domain. Loads artifact-core."""

    def register(
        self, kind: ResultKind, name: str, function: Callable[[Resources], object]
    ) -> None:
        """From now on a plan may list `name`, an artifact of artifact-core that computes `function`.

        In this process alone: a run that validates beside the training computes it in the training.
        Raises `ConfigurationError` for a name that is taken.
        """
        refuse(text("name", name))
        if self.is_registered(kind, name):
            what = f"the {kind.value.replace('_', ' ')} {name!r}"
            raise ConfigurationError(f"{what} is registered already; give yours another name")
        self.registry(kind).register_custom_artifact(name)(self.adapted(kind, function))

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
