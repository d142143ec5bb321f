"""Whether all processes of a run are about to do the same."""

import hashlib
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence, Sized
from functools import cache
from pathlib import Path

from torch import nn

from artifact_torch.checking.places import Place, opened
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.ranks import gathered
from artifact_torch.run_folder.settings import versions

_MOST = 5
_OF_THE_MACHINE = {"python", "platform"}
"""Whose versions may differ from node to node."""


def check_alike(facts: Mapping[str, str]) -> None:
    """Raise on all ranks one `ConfigurationError` with what differs, and on which ranks."""
    all_facts = gathered(facts)
    first = all_facts[0]
    problems: list[str] = []
    for rank, own in enumerate(all_facts):
        differ = [name for name in {**first, **own} if own.get(name) != first.get(name)]
        problems += [
            f"{name} is {own.get(name, 'not there')} on rank {rank}, {first.get(name, 'not there')} "
            "on rank 0"
            for name in differ[:_MOST]
        ]
        if len(differ) > _MOST:
            problems.append(f"and {len(differ) - _MOST} more on rank {rank}")
    if problems:
        told = "\n".join(f"train: {each}" for each in problems)
        raise agreed(
            ConfigurationError(
                f"{told}\nevery process has to run the same program, by the same libraries, with the same "
                "settings and seeds, and to read as many batches"
            )
        )


def facts_of(
    places: Sequence[Place],
    model: nn.Module,
    settings: Mapping[str, object],
    numbers: Mapping[str, object],
    *,
    are_shared: bool,
) -> dict[str, str]:
    """By what it is: settings, the classes of all parts and the files that they are from, versions of
    libraries, names, shapes and dtypes of the parameters, and `numbers`; where batches `are_shared`,
    how many each loader has.
    """
    facts = {f"settings: {name}": repr(value) for name, value in settings.items()}
    facts |= {name: repr(value) for name, value in numbers.items()}
    for number, (name, part, _) in enumerate(opened(places)):
        facts[f"part {number}, {name}"] = _class_of(part)
        if are_shared and name == "loader" and isinstance(part, Sized):
            facts[f"part {number}, {name}, batches"] = str(len(part))
    for name, parameter in model.named_parameters():
        frozen = "" if parameter.requires_grad else ", frozen"
        facts[f"parameter {name}"] = f"{list(parameter.shape)} {parameter.dtype}{frozen}"
    for library, version in versions().items():
        if library not in _OF_THE_MACHINE:
            facts[f"version of {library}"] = version
    facts |= {f"file {file}": digest for file, digest in _files(places, model)}
    return facts


def _class_of(part: object) -> str:
    of = part if inspect.isfunction(part) or isinstance(part, type) else type(part)
    return f"{of.__module__}.{of.__qualname__}"


def _files(places: Sequence[Place], model: nn.Module) -> Iterator[tuple[str, str]]:
    """Their names alone: other machines may have them elsewhere."""
    own = [part for _, part, _ in opened(places)]
    modules = {type(part).__module__ for part in (*own, *model.modules())} | {"__main__"}
    for name in sorted(modules):
        file = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(file, str) and Path(file).suffix == ".py":
            yield Path(file).name, _digest(file)


@cache
def _digest(file: str) -> str:
    try:
        return "content " + hashlib.blake2b(Path(file).read_bytes(), digest_size=4).hexdigest()
    except OSError:
        return "not readable"
