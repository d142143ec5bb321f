"""What a routine asks of a model, where a value decides which."""

from enum import Enum


def contract_for(model: object, contract: object, variable: str, value: object) -> object:
    """`contract` of the type of `value`, with which the model will be called; where the class does
    not tell the type, the value decides.

    A 3 may be meant for a `NewType` or a `Literal`, a dict for a typed dict, and `tuple` says
    nothing about what is in it.
    """
    from artifact_torch.checking.annotations.forms import subscripted
    from artifact_torch.checking.contract import solve_contract
    from artifact_torch.checking.values.values import fits

    made_of = type(value)
    tells = made_of.__module__ != "builtins" and not issubclass(made_of, Enum)
    asked = solve_contract(model, contract).get(variable)
    by_value = not tells and (asked is None or fits(value, asked))
    return contract if by_value else subscripted(contract, made_of)
