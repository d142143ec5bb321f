"""The package's names come when they are asked for; checkers and the run time know the same ones."""

import ast
import importlib
from pathlib import Path

import pytest

PACKAGES = ("artifact_torch", "artifact_torch.checking", "artifact_torch.testing")


def names_for_checkers(package: str) -> set[str]:
    """What `if TYPE_CHECKING` imports."""
    file = importlib.import_module(package).__file__
    assert file is not None
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in guarded.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names}


@pytest.mark.parametrize("package", PACKAGES)
def test_checkers_and_the_run_time_know_the_same_names(package: str) -> None:
    module = importlib.import_module(package)
    assert names_for_checkers(package) == set(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_that_does_not_exist_is_refused(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Trainr'"):
        getattr(importlib.import_module(package), "Trainr")  # noqa: B009
