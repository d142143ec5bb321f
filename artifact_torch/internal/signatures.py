"""Signatures and annotations, also where a name in them exists for checkers alone.

Since Python 3.14 annotations are evaluated when they are asked for, and raise `NameError` then.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from types import FunctionType


def signature_of(function: Callable[..., object], *, as_written: bool = False) -> inspect.Signature:
    """As `inspect.signature`; `as_written`: of a decorator's function, not of the one inside.

    Raises ValueError for what is written in C, TypeError for no call.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(
            function, follow_wrapped=not as_written, annotation_format=Format.FORWARDREF
        )
    return inspect.signature(function, follow_wrapped=not as_written)


def own_annotations(cls: type | FunctionType) -> Mapping[str, object]:
    """Those written in the body of the class, or of the function, itself, not resolved."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        return get_annotations(cls, format=Format.FORWARDREF)
    return inspect.get_annotations(cls)
