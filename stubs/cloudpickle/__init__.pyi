import pickle
from collections.abc import Callable
from typing import IO, Any

class Pickler(pickle.Pickler):
    def __init__(
        self,
        file: IO[bytes],
        protocol: int | None = None,
        buffer_callback: Callable[[pickle.PickleBuffer], object] | None = None,
    ) -> None: ...
    def reducer_override(self, obj: object) -> Any: ...
