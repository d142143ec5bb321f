"""The run-time net: contracts before the first batch, values in the first batches.

Importing it loads torch and the standard library; beartype only where a question needs it.
"""

from artifact_torch.checking.contract import check_contract, require_contract, solve_contract
from artifact_torch.checking.dimensions import Dimensions
from artifact_torch.checking.model_io import model_types
from artifact_torch.checking.values import ValueChecker, check_value, require_value
from artifact_torch.checking.violation import Code, Severity, Violation

__all__ = [
    "Code",
    "Dimensions",
    "Severity",
    "ValueChecker",
    "Violation",
    "check_contract",
    "check_value",
    "model_types",
    "require_contract",
    "require_value",
    "solve_contract",
]
