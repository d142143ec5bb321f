"""Results that are files: arrays as .npy, plots as .png or .svg."""

from __future__ import annotations

import io
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.internal.arguments import is_array, shown
from artifact_torch.internal.extras import from_extra
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.pictures import Picture
from artifact_torch.internal.safe_names import SafeNames
from artifact_torch.run_folder.reading import Line

if TYPE_CHECKING:
    from artifact_torch.run_folder.configuration import PlotFormat

_log = logging.getLogger("artifact_torch")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is to be in the run folder."""

    name: str
    """With its folders: `plots/PDF/epoch_000003_step_00000150.png`."""
    content: bytes


@final
class FileResults:
    """Makes files of arrays and plots, each under a name that any system takes."""

    def __init__(self, plots: PlotFormat, dpi: int) -> None:
        self._plots: PlotFormat = plots
        self._dpi = dpi
        self._told_scaled = False
        self._names: dict[tuple[str, ...], SafeNames] = {}
        """By folder."""
        self._known: defaultdict[tuple[str, ...], dict[str, str]] = defaultdict(dict)

    def know(self, lines: Iterable[Line]) -> None:
        """Names that were given a form by an earlier process keep it."""
        for line in lines:
            value, name = line.get("value"), line.get("name")
            if not is_mapping(value) or not isinstance(name, str):
                continue
            match str(value.get("file")).split("/"):
                case [folder, form, _]:
                    self._known[folder,][name] = form
                case _:
                    pass
            files = value.get("files")
            for key, file in files.items() if is_mapping(files) else ():
                match str(file).split("/"):
                    case [folder, form, of_key, _]:
                        self._known[folder,][name] = form
                        self._known[folder, form][str(key)] = of_key
                    case _:
                        pass

    def of(self, result: Result, moment: Moment) -> tuple[dict[str, object], list[NewFile]]:
        """What the record has as its value, and the files that it names. Raises whatever the
        drawing of a plot raises, and `ValueError` for an array of objects.
        """
        folder = "arrays" if "array" in result.kind.value else "plots"
        form = self._form((folder,), result.name)
        if result.kind in (ResultKind.ARRAY, ResultKind.PLOT):
            file = self._file(f"{folder}/{form}", result.value, moment)
            return {"file": file.name}, [file]
        if not is_mapping(result.value):
            raise TypeError(f"got {shown(result.value)}, expected a mapping of {folder}")
        files = {
            str(key): self._file(
                f"{folder}/{form}/{self._form((folder, form), str(key))}", part, moment
            )
            for key, part in result.value.items()
        }
        return {"files": {key: file.name for key, file in files.items()}}, [*files.values()]

    def _file(self, folder: str, value: object, moment: Moment) -> NewFile:
        place = f"step_{moment.step:08d}"
        if moment.ends_epoch:
            place = f"epoch_{moment.epoch:06d}_{place}"
        if folder.startswith("arrays/"):
            return NewFile(f"{folder}/{place}.npy", _npy(value))
        return NewFile(f"{folder}/{place}.{self._plots}", self._drawn(value, folder))

    def _drawn(self, value: object, where: str) -> bytes:
        """The figure stays as it is, and open; pyplot has no part in it. A picture is drawn once."""
        with from_extra("tables", "a plot"):
            from matplotlib.figure import Figure
        if isinstance(value, Figure):
            value = Picture(value, form=self._plots, dpi=self._dpi)
        if not isinstance(value, Picture):
            raise TypeError(f"got {shown(value)}, expected a matplotlib Figure")
        content = value.drawn(self._plots)
        if value.is_scaled and not self._told_scaled:
            self._told_scaled = True
            told = "%s: too large for %g dpi, scaled; give it a smaller figsize, or the run folder more dpi"
            _log.warning(told, where, value.dpi)
        return content

    def _form(self, place: tuple[str, ...], name: str) -> str:
        if place not in self._names:
            self._names[place] = SafeNames(given=self._known[place])
        return self._names[place].of([name])[name]


def _npy(value: object) -> bytes:
    if not is_array(value):
        raise TypeError(f"got {shown(value)}, expected a numpy array")
    buffer = io.BytesIO()
    np.save(buffer, value, allow_pickle=False)
    return buffer.getvalue()
