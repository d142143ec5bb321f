from enum import Enum

class ArtifactType(Enum): ...  # type: ignore[misc]  # an enum without members, as in the library
