"""Tensors that several processes wrote a part of each, read by any number of them."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

from torch import Tensor

from artifact_torch.checkpoints.sharded import by_rows
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_list, is_mapping


def read_parts(folder: Path, shapes: Mapping[str, Sequence[int]]) -> dict[str, Tensor]:
    """Of these tensors in the files of `folder`, this rank's share of the rows, as DTensors; in a
    run of one process all of them. By torch's DCP, which finds who wrote what; no other rank is
    waited for. Raises `CheckpointError` for a tensor that is not there as a whole.
    """
    if not shapes:
        return {}
    try:
        return _read(folder, shapes)
    except CheckpointError:
        raise
    except Exception as error:  # of DCP, for what is not as it expects
        told = f"{type(error).__name__}: {error}"
        raise CheckpointError(f"the parts of its tensors cannot be read ({told})") from error


def _read(folder: Path, shapes: Mapping[str, Sequence[int]]) -> dict[str, Tensor]:
    from torch.distributed.checkpoint.default_planner import DefaultLoadPlanner
    from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageReader
    from torch.distributed.checkpoint.metadata import TensorStorageMetadata

    reader, planner = HuggingFaceStorageReader(str(folder)), DefaultLoadPlanner()
    metadata, rooms = reader.read_metadata(), dict[str, Tensor]()
    for name, shape in shapes.items():
        about = metadata.state_dict_metadata.get(name)
        if not isinstance(about, TensorStorageMetadata) or [*about.size] != [*shape]:
            raise CheckpointError(f"lacks {name}")
        if sum(prod(each.sizes) for each in about.chunks) != prod(shape):
            raise CheckpointError(f"lacks a part of {name}")
        rooms[name] = by_rows(shape, about.properties.dtype)
    # Any: torch asks for a dict without a type
    planned: Any = planner
    reader.set_up_storage_reader(metadata, is_coordinator=True)
    planned.set_up_planner({**rooms}, metadata, is_coordinator=True)
    plan = reader.prepare_local_plan(planner.create_local_plan())
    reader.read_data(planner.finish_plan(plan), planner).wait()
    return rooms


def shapes_in(document: object, shapes: Mapping[str, Sequence[int]]) -> dict[str, Sequence[int]]:
    """Those of the tensors that `document` names."""
    found = dict[str, Sequence[int]]()
    todo = [document]
    while todo:
        each = todo.pop()
        if is_mapping(each):
            name = each.get("tensor")
            if isinstance(name, str) and name in shapes:
                found[name] = shapes[name]
            todo += each.values()
        elif is_list(each):
            todo += each
    return found
