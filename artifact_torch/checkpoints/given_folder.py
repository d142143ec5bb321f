"""The folder that was given for checkpoints."""

from artifact_torch.internal.arguments import shown
from artifact_torch.internal.disk import absolute


def folder_problems(folder: object) -> list[str]:
    """What is wrong with a folder, which is there now if nothing is."""
    path = absolute(folder)
    if path is None:
        return [f"folder must be a path, got {shown(folder)}"]
    try:
        there = next((each for each in (path, *path.parents) if each.exists()), path)
        if there.exists() and not there.is_dir():
            of = "the file" if there == path else f"{path}, and a file is at"
            must = "folder must be a folder, or not there yet"
            return [f"{must}, got {of} {there}; give another one, or move the file"]
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return [f"folder {path} cannot be made ({error}); give one that can be written to"]
    return []
