"""A figure for clients that do nothing but save it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, final

from matplotlib.figure import Figure

from artifact_torch.internal.pictures import Picture, PictureForm

_FORMS: Mapping[str, PictureForm] = MappingProxyType({"png": "png", "svg": "svg"})
_TAKEN = {"format", "dpi", "bbox_inches", "pad_inches", "backend"}


@final
class DrawnFigure(Figure):
    """The figure of `picture`, whose `savefig` writes what is drawn already, at its own dpi; it is
    loaded when anything else is asked of it.

    artifact-experiment's clients take no finished file for a plot. Their own savefig is 300 dpi and
    a search for the tight edges: 10 times the time and the memory, for a picture of 5,000 pixels.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture  # what a Figure has comes with the first look at it: __getattr__

    def savefig(self, fname: Any, *, transparent: bool | None = None, **options: Any) -> None:
        """To a path or an open file. What says more than where and in which form is drawn anew."""
        form = _FORMS.get(options.get("format") or Path(str(fname)).suffix[1:])
        if form is None or transparent is not None or options.keys() - _TAKEN:
            figure: Any = self._picture.figure()
            figure.savefig(fname, transparent=transparent, **options)
            return
        content = self._picture.drawn(form)
        if callable(getattr(fname, "write", None)):
            fname.write(content)
        else:
            Path(fname).write_bytes(content)

    def __getattr__(self, name: str) -> Any:
        """Of what a Figure has when it is built: that of the one which was drawn."""
        own = vars(self)
        if name.startswith("__") or "canvas" in own:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        own.update({**vars(self._picture.figure()), **own})
        return getattr(self, name)

    def __reduce__(self) -> tuple[type["DrawnFigure"], tuple[Picture]]:
        return DrawnFigure, (self._picture,)
