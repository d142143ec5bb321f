"""Figures that are results: kept by the run, and no longer by pyplot."""

import sys


def leave_pyplot(figure: object) -> None:
    """Take `figure` out of pyplot, which keeps all that it made open, and warns of more than 20.

    It stays whole: it can be looked at, drawn on and saved. Nothing happens where pyplot was not
    imported, and to a figure that is not pyplot's.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
