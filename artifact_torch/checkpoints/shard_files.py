"""Tensors that several processes wrote a part of each, read by any number of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

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
    from torch.distributed.checkpoint import DefaultLoadPlanner, HuggingFaceStorageReader

    reader, planner = HuggingFaceStorageReader(str(folder)), DefaultLoadPlanner()
    try:
        metadata = reader.read_metadata()
        about = {name: metadata.state_dict_metadata[name] for name in shapes}
        rooms = {
            name: by_rows(shape, about[name].properties.dtype) for name, shape in shapes.items()
        }
        if odd := [name for name, shape in shapes.items() if [*about[name].size] != [*shape]]:
            raise CheckpointError(f"has another part of {', '.join(odd[:3])} than it says")
        reader.set_up_storage_reader(metadata, is_coordinator=True)
        planner.set_up_planner({**rooms}, metadata, is_coordinator=True)
        plan = reader.prepare_local_plan(planner.create_local_plan())
        reader.read_data(planner.finish_plan(plan), planner).wait()
    except CheckpointError:
        raise
    except Exception as error:
        raise CheckpointError(
            f"its parts cannot be read ({type(error).__name__}: {error})"
        ) from error
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
