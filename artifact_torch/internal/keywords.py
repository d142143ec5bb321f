"""Keywords that other libraries have for what has another name here."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from artifact_torch.errors import ConfigurationError

P = ParamSpec("P")
R = TypeVar("R")


def names_ours(**ours: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorates a function whose error for a foreign keyword then names ours: `num_workers="n_workers="`.

    Both checkers see the function as it is written, and refuse every keyword that it has not.
    """

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            foreign = [f"{word}= is {ours[word]} here" for word in kwargs if word in ours]
            if foreign:
                raise ConfigurationError(
                    f"{function.__qualname__.removesuffix('.__init__')}: {'; '.join(foreign)}"
                )
            return function(*args, **kwargs)

        return call

    return decorated
