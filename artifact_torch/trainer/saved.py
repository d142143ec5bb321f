"""The checkpoints of a run folder, and a state that was kept in any."""

from collections.abc import Sequence

from artifact_torch.checkpoints.folder import FolderCheckpointer
from artifact_torch.checkpoints.given_folder import folder_problems
from artifact_torch.contracts import Checkpointer, Every
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.run_folder.configuration import RunFolder


def checkpoints_of(folder: RunFolder, every: Every | Sequence[Every]) -> FolderCheckpointer:
    """Those of a run folder. Raises `ConfigurationError` for one that is a file, or cannot be made."""
    refuse([f"run_folder: {problem}" for problem in folder_problems(folder.folder)])
    return FolderCheckpointer(
        folder.folder / "checkpoints",
        every=every if isinstance(every, int) or not isinstance(every, Sequence) else [*every],
        keep=folder.keep,
        strict=folder.strict,
    )


def loaded(
    checkpointer: Checkpointer, *, epoch: int | None = None, step: int | None = None
) -> dict[str, object]:
    """A state that it kept. Raises `CheckpointError`."""
    state: object = checkpointer.load(epoch=epoch, step=step)
    if not is_state_dict(state):
        raise CheckpointError(
            f"{type(checkpointer).__name__}.load: got {shown(state)}, expected what save was given; "
            "return that dict"
        )
    return state
