"""What a model takes and gives, read from its `forward`."""

import inspect
from typing import TypeAlias

from artifact_torch.checking.annotations.forms import class_of, is_typed_dict, plain
from artifact_torch.checking.contract import solve_contract
from artifact_torch.checking.members.callables import member_signatures
from artifact_torch.checking.members.members import subject_of
from artifact_torch.checking.places import raw_model

ModelTypes: TypeAlias = "tuple[type | None, type | None]"

_INPUTS = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def model_types(model: object) -> ModelTypes:
    """The typed dicts of the model's input and output: what a `ValueChecker` needs.

    None for either that is not annotated, not a typed dict, or named only where it does not exist
    at run time. A wrapped model is looked into.
    """
    for signature in member_signatures(subject_of(raw_model(model)), "forward") or []:
        taken = [p.name for p in signature.parameters if p.kind in _INPUTS]
        given = _typed_dict(signature.hints[taken[0]]) if taken else None
        return given, _typed_dict(signature.hints["return"])
    return None, None


def declared_types(part: object, contract: object) -> ModelTypes:
    """The same for a part that only sees them: a callback, a training step."""
    known = solve_contract(part, class_of(contract))
    takes, gives = (known.get(name, known.get(f"Seen{name}")) for name in ("In", "Out"))
    return _typed_dict(takes), _typed_dict(gives)


def _typed_dict(hint: object) -> type | None:
    hint = plain(hint)
    return class_of(hint) if is_typed_dict(hint) else None
