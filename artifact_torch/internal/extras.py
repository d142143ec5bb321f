"""What only some users need is an extra; one that is missing gets asked for by name."""

import importlib.util
import sys
from collections.abc import Generator
from contextlib import contextmanager

from artifact_torch.errors import MissingExtraError

_BELOW_3_14 = ("artifact_core", "artifact_experiment")  # their Requires-Python


@contextmanager
def from_extra(extra: str, thing: str) -> Generator[None]:
    """Import in this block what `extra` brings. `thing` is what needs it, for the message.

    Raises `MissingExtraError` for a module that is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.partition(".")[0] == "artifact_torch":
            raise
        raise _missing(missing, extra, thing) from error


def require(library: str, *, extra: str, thing: str) -> None:
    """Ask for what `extra` brings without importing it. Raises `MissingExtraError` where `library`
    is not installed.
    """
    try:
        spec = importlib.util.find_spec(library)
        found = spec is not None and spec.origin is not None  # W&B's folder `wandb` is no library
    except ValueError:  # imported, from no file
        found = True
    if not found:
        raise _missing(library, extra, thing)


def _missing(library: str, extra: str, thing: str) -> MissingExtraError:
    remedy = f"pip install 'artifact-torch[{extra}]'"
    if library.startswith(_BELOW_3_14) and sys.version_info >= (3, 14):
        remedy = f"it is for Python below 3.14; in an environment with Python 3.13, {remedy}"
    return MissingExtraError(f"{thing} needs {library}, which is not installed; {remedy}")
