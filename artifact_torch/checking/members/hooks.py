"""Methods that nobody calls, because a hook of the protocol was meant whose default is used."""

from collections.abc import Iterator, Mapping

from artifact_torch.checking.annotations.forms import class_of, is_protocol
from artifact_torch.checking.annotations.spelling import meant_by
from artifact_torch.checking.members.bodies import has_default_body
from artifact_torch.checking.members.callables import is_method
from artifact_torch.checking.members.members import Asked, Subject, asked_members, find_member
from artifact_torch.errors import Violation


def misspelt_hooks(subject: Subject, contract: object) -> list[Violation]:
    """Of a class that names the protocol as its base, and so inherits what it does not write."""
    form = class_of(contract)
    if form is None or form not in subject.cls.__mro__ or is_protocol(subject.cls):
        return []
    hooks = {asked.name: asked for asked in asked_members(contract, subject)}
    return [
        Violation(
            member=name,
            code="unknown-member",
            message=f"is not a hook of {form.__name__}, the default {hook} is used",
            fix=f"rename {name} to {hook}?",
        )
        for name in _added_methods(subject.cls, form)
        if (hook := meant_by(name, hooks)) and _is_default(hooks[hook], subject)
    ]


def _added_methods(cls: type, form: type) -> Iterator[str]:
    """Those of the class and its bases below the protocol which no protocol asks for; what is
    private but for `_get_...` is nobody's hook.
    """
    asked = {name for base in cls.__mro__ if is_protocol(base) for name in vars(base)}
    below = [base for base in cls.__mro__[: cls.__mro__.index(form)] if not is_protocol(base)]
    members: Mapping[str, object] = {
        n: v for base in reversed(below) for n, v in vars(base).items()
    }
    for name, value in members.items():
        is_public = not name.startswith("_") or name.startswith("_get_")
        if is_public and is_method(value) and name not in asked:
            yield name


def _is_default(hook: Asked, subject: Subject) -> bool:
    found = find_member(subject, hook.name)
    return found is not None and found.owner is hook.owner and has_default_body(hook)
