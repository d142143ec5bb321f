"""What a model says of rows, before it is compared."""

import pytest
import torch

from artifact_torch.domain_kit.labelled import said
from artifact_torch.errors import ValidationError


def test_rows_that_are_not_finite_are_counted_as_rows() -> None:
    answer = torch.zeros(4, 3)
    answer[1] = torch.nan
    with pytest.raises(ValidationError, match="Net.probabilities: 1 of 4 rows are NaN or infinite"):
        said(answer, (4, 3), "Net.probabilities", advice="")


def test_a_complex_number_does_not_lose_its_other_half() -> None:
    with pytest.raises(ValidationError, match="got torch.complex64, expected real numbers"):
        said(torch.zeros(4) * 1j, (4,), "Net.predict", advice="")
