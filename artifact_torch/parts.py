"""Every part that a user hands over, against the contract of its place."""

from artifact_torch.errors import ContractError

Place = tuple[str, object, object]
"""The parameter's name, the part that was given for it, and the contract of that place."""


def check_contracts(*places: Place) -> None:
    """Every part against the contract of its place. Raises one `ContractError` listing all."""
    from artifact_torch.checking import require_contract  # half of this package's import time

    problems: list[str] = []
    for name, part, contract in places:
        if isinstance(part, type):
            problems.append(
                f"{name}= got the class {part.__name__}, expected an object: {part.__name__}(...)"
            )
        elif part is not None:
            try:
                require_contract(part, contract, role=f"{name}=")
            except ContractError as error:
                problems.append(str(error))
    if problems:
        raise ContractError("\n".join(problems))
