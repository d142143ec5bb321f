"""Whether a client can be sent to a process of its own, and as what."""

import io
import pickle
import pickletools
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder

from artifact_torch.contracts import ResultsClient

_PROTOCOL = 2  # the newest that names in plain words where everything comes from


def pickled(client: ResultsClient) -> bytes | None:
    """None for one that cannot be sent: it does not pickle, or a part of it comes from where an
    interpreter that has just been started finds nothing: `__main__`, a notebook, a function.
    """
    try:
        payload = pickle.dumps(client, protocol=_PROTOCOL, fix_imports=False)
        homes = set(_modules_in(payload))
    except BaseException:  # noqa: BLE001 whatever its own __reduce__ raises, in a thread of ours
        return None
    return payload if all(map(_is_found_anew, homes)) else None


def _modules_in(payload: bytes) -> Iterator[str]:
    for operation, argument, _ in pickletools.genops(io.BytesIO(payload)):
        if operation.name == "GLOBAL" and isinstance(argument, str):
            yield argument.partition(" ")[0]


def _is_found_anew(module: str) -> bool:
    """Whether the module lies on the path, or is Python's own. Imports nothing."""
    top, *inner = module.split(".")
    if top == "__main__":
        return False
    if top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return True
    spec = _found(top)
    name = top
    for part in inner:
        if spec is None:
            return False
        name = f"{name}.{part}"
        if spec.submodule_search_locations is None:  # `os.path`: made by its parent
            return name in sys.modules
        spec = PathFinder.find_spec(name, [*spec.submodule_search_locations])
    return spec is not None


def _found(name: str) -> ModuleSpec | None:
    spec = PathFinder.find_spec(name, sys.path)
    if spec is not None:
        return spec
    for finder in sys.meta_path:  # those that setuptools writes for editable installations
        if getattr(finder, "__module__", "").startswith("__editable__"):
            return finder.find_spec(name, None)
    return None
