"""Where a run is kept, and how."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, final

from artifact_torch.internal.arguments import boolean, integer, refuse, shown
from artifact_torch.internal.disk import absolute

PlotFormat: TypeAlias = Literal["png", "svg"]

Reported: TypeAlias = bool | Literal["validation"]
"""When report.html is written: at the end of the run, after each validation too, or never."""


@final
@dataclass(frozen=True)
class RunFolder:
    """The folder of one run: its record, scores, settings, pictures, best weights and checkpoints.

    It is made when training begins, and continued when it is there. A relative path is the one that
    it names now, whatever the working directory becomes; `~` is the home folder. `plots` are drawn
    at `dpi` dots per inch, the newest `keep` checkpoints stay (None: all). What cannot be written is
    told once, kept in memory and written later; `strict=True` makes it a `RunFolderError`.
    `report.html` is written when the run ends, with `report="validation"` after validations too.

    Raises `ConfigurationError` for values that cannot be meant.
    """

    path: str | os.PathLike[str]
    plots: PlotFormat = field(default="png", kw_only=True)
    dpi: int = field(default=100, kw_only=True)
    keep: int | None = field(default=3, kw_only=True)
    strict: bool = field(default=False, kw_only=True)
    report: Reported = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        path = absolute(self.path)
        problems = [] if path is not None else [f"path must be a path, got {shown(self.path)}"]
        if self.plots not in ("png", "svg"):
            problems.append(f'plots must be "png" or "svg", got {shown(self.plots)}')
        problems += integer("dpi", self.dpi, least=1)
        if self.keep is not None:
            problems += integer("keep (checkpoints, or None for all)", self.keep, least=1)
        problems += boolean("strict", self.strict)
        if not isinstance(self.report, bool) and self.report != "validation":
            got = shown(self.report)
            problems.append(f'report must be True, False or "validation", got {got}')
        refuse([f"RunFolder: {problem}" for problem in problems])
        object.__setattr__(self, "path", path)

    @property
    def folder(self) -> Path:
        """`path`, absolute."""
        return Path(self.path)
