"""The contracts that a stopper, a tracker or a schedule may add to its own."""

import inspect

from typing_extensions import get_protocol_members

from artifact_torch.contracts import Bounded, Monitor, Stateful
from artifact_torch.parts import Place


def optional_places(name: str, part: object) -> list[Place]:
    """A place for each of `Stateful`, `Monitor` and `Bounded` of which `part` has a member.

    For `check_contracts`: a part with half of a contract, or with a member of the wrong kind, would
    be taken for one that has nothing of it, and its state lost without a word.
    """
    return [
        (name, part, contract)
        for contract in (Stateful, Monitor, Bounded)
        if any(_has(part, member) for member in get_protocol_members(contract))
    ]


def _has(part: object, member: str) -> bool:
    """Without running a property."""
    missing = object()
    found: object = inspect.getattr_static(part, member, missing)
    return found is not missing
