"""Means and rows of whatever else is in the output."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    ConfigurationError,
    OutputArrayCallback,
    OutputMeansCallback,
    ValidationError,
)
from artifact_torch.internal.narrowing import is_list
from tests.toys import points, seeded_regression


def untyped(make: Callable[..., object], *given: object, **named: object) -> object:
    """What a checker would refuse as well."""
    return make(*given, **named)


def means(keys: list[str], *batches: tuple[int, Mapping[str, object]]) -> Mapping[str, float]:
    """Of batches with so many rows and these outputs."""
    callback = OutputMeansCallback("means", keys=keys)
    callback.start()
    for n_rows, output in batches:
        callback.update(points(n_rows), output)
    return callback.finish()


def array(*outputs: Mapping[str, object]) -> list[object]:
    callback = OutputArrayCallback("codes", key="mu")
    callback.start()
    for output in outputs:
        callback.update(points(1), output)
    made = callback.finish()
    assert str(made.dtype) == "float64"
    listed: list[object] = made.tolist()
    return listed


def test_a_value_counts_by_its_mean_and_a_batch_by_its_rows() -> None:
    full = {"kl": torch.tensor([[0.0, 2.0]] * 3), "mse": torch.tensor(4.0), "other": None}
    small = {"kl": torch.tensor([[5.0, 5.0]]), "mse": torch.tensor(0.0)}
    assert means(["mse", "kl"], (3, full), (1, small)) == {"mse": 3.0, "kl": 2.0}


def test_the_means_of_a_pass_are_its_own() -> None:
    callback = OutputMeansCallback("means", keys=["kl"])
    for value in (1.0, 2.0):
        callback.start()
        callback.update(points(2), {"kl": torch.tensor(value)})
        assert callback.finish() == {"kl": value}


def test_a_key_given_twice_counts_once() -> None:
    assert means(["kl", "kl"], (2, {"kl": torch.tensor(3.0)})) == {"kl": 3.0}


def test_rows_are_joined_in_order() -> None:
    first, second = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0]])
    assert array({"mu": first}, {"mu": second}) == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert array({"mu": torch.tensor([1, 2])}, {"mu": torch.tensor([3])}) == [1.0, 2.0, 3.0]


def test_a_single_value_a_batch_has_no_rows() -> None:
    with pytest.raises(ValidationError) as refused:
        array({"mu": torch.tensor(1.0)})
    assert str(refused.value) == (
        'callback "codes": the output\'s key "mu" must have rows, [rows, ...], got a single value a '
        "batch; OutputMeansCallback gives the mean of those"
    )


def test_arrays_keep_no_graph() -> None:
    """4.2: the published callback keeps the autograd graph of every batch."""
    callback = OutputArrayCallback("residuals", key="residual")
    callback.start()
    callback.update(points(4), seeded_regression()(points(4)))
    attributes: list[object] = list(vars(callback).values())
    kept = [part for each in attributes if is_list(each) for part in each]
    assert [isinstance(part, Tensor) and part.requires_grad for part in kept] == [False]
    assert callback.finish().shape == (4,)


@pytest.mark.parametrize(
    ("output", "got"), [({"b": 1, "a": 2}, "got the keys ['a', 'b']"), ({"mu": 0.5}, "got float")]
)
def test_a_key_that_is_no_tensor_is_an_error_in_words(
    output: Mapping[str, object], got: str
) -> None:
    advice = "name a key that forward returns"
    with pytest.raises(ValidationError) as refused:
        means(["mu"], (1, output))
    assert str(refused.value) == (
        f'callback "means": the output\'s key "mu" must be a tensor, {got}; {advice}'
    )
    with pytest.raises(ValidationError) as refused:
        array(output)
    assert str(refused.value) == (
        f'callback "codes": the output\'s key "mu" must be a tensor, {got}; {advice}'
    )


@pytest.mark.parametrize("name", ["", 3, None])
def test_a_callback_has_a_name(name: object) -> None:
    must = f"name must be a non-empty str, got {name!r}"
    with pytest.raises(ConfigurationError) as refused:
        untyped(OutputMeansCallback, name, keys=["mu"])
    assert str(refused.value) == f"OutputMeansCallback: {must}"
    with pytest.raises(ConfigurationError) as refused:
        untyped(OutputArrayCallback, name, key="mu")
    assert str(refused.value) == f"OutputArrayCallback: {must}"


@pytest.mark.parametrize("keys", ["mu", [], None])
def test_keys_are_a_list_of_some(keys: object) -> None:
    with pytest.raises(ConfigurationError, match="keys must be a list of one or more keys of the"):
        untyped(OutputMeansCallback, "means", keys=keys)
    with pytest.raises(ConfigurationError, match="key must be a non-empty str, got ''"):
        OutputArrayCallback("codes", key="")
