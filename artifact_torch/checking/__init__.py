"""The run-time net: contracts before the first batch, values in the first batches.

Importing it loads torch and the standard library; beartype only where a question needs it.

Where what is decided, each file above those that it uses:

    contract                check, require, solve: the entry; places: every part that was handed over
    structure               every member of a contract; what fitted before is remembered
    methods, attributes     one member: kind, parameters, types; callables, parameters help
    bodies                  what is there and written by nobody; what was meant to be a member
    calls, standard         one call against another; the members of Python's own classes
    members                 the object and the contract, read without running anything
    relation, rules_*       whether one type may be used where another is asked for
    functions, annotations  what is written, resolved: signatures (also through decorators), classes
    generics                type variables filled in; names, forms
    values, value_checks    batches and outputs, key by key; dimensions: shapes
    violation, spelling     what is reported, and how types and names are written
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifact_torch.checking.contract import check_contract as check_contract
    from artifact_torch.checking.contract import require_contract as require_contract
    from artifact_torch.checking.contract import solve_contract as solve_contract
    from artifact_torch.checking.values.dimensions import Dimensions as Dimensions
    from artifact_torch.checking.values.values import ValueChecker as ValueChecker
    from artifact_torch.errors import Code as Code
    from artifact_torch.errors import Severity as Severity
    from artifact_torch.errors import Violation as Violation
else:
    from artifact_torch.internal.lazy import lazy

    __all__, __getattr__ = lazy(
        __name__,
        {
            "artifact_torch.checking.contract": (
                "check_contract",
                "require_contract",
                "solve_contract",
            ),
            "artifact_torch.checking.values.dimensions": ("Dimensions",),
            "artifact_torch.checking.values.values": ("ValueChecker",),
            "artifact_torch.errors": ("Code", "Severity", "Violation"),
        },
    )
