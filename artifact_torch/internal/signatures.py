"""Signatures and annotations, also where a name in them exists for checkers alone.

Since Python 3.14 annotations are evaluated when they are asked for, and raise `NameError` then.
"""

import inspect
import sys
from collections.abc import Callable, Mapping


def signature_of(function: Callable[..., object]) -> inspect.Signature:
    """As `inspect.signature`. Raises ValueError for what is written in C, TypeError for no call."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def own_annotations(cls: type) -> Mapping[str, object]:
    """Those written in the body of the class itself, not resolved."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        return get_annotations(cls, format=Format.FORWARDREF)
    return inspect.get_annotations(cls)
