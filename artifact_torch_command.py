"""`artifact-torch`, started without torch.

Outside the package on purpose: `import artifact_torch` loads torch, for two seconds in which the
type checkers can be at work already. The process that examines the user's code loads it.
"""

import importlib.util
import sys


def main() -> int:
    """Runs the command; returns the exit status."""
    if sys.argv[1:2] == ["check"]:
        for name in ("artifact_torch", "artifact_torch.checking"):
            _provide(name)
    from artifact_torch.checking.command import main as run

    return run()


def _provide(name: str) -> None:
    """The package as a place to import from; what its `__init__` imports stays away."""
    spec = importlib.util.find_spec(name)
    assert spec is not None, f"{name} is installed with this file"  # noqa: S101
    sys.modules[name] = importlib.util.module_from_spec(spec)
