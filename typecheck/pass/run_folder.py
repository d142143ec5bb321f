"""Where a run is kept, and reading what is there."""

from pathlib import Path

from artifact_torch import RunFolder, new_run
from artifact_torch.contracts import Recorded
from artifact_torch.run_folder import Status, history, read_status, recorded
from typing_extensions import assert_type


class Named:
    def __fspath__(self) -> str:
        return "runs/vae"


RunFolder("runs/vae")  # OK
RunFolder(Path("runs/vae"), plots="svg", dpi=150, keep=None, strict=True)  # OK
RunFolder(Named())  # OK
RunFolder(new_run("runs"))  # OK
assert_type(new_run("runs"), Path)  # OK
assert_type(RunFolder("runs/vae").folder, Path)  # OK
assert_type(read_status(Path("runs/vae")), Status | None)  # OK
assert_type([recorded(line, Path("runs/vae")) for line in history(Path("runs/vae"))], list[Recorded | None])  # OK
