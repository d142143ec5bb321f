"""Perplexity against a sum over tokens by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from artifact_torch import Perplexity, ValidationError
from artifact_torch.callbacks import Pairs
from tests.callbacks.scoring import EXAMPLES, SEEDS, close, held, numbers, one_pass, table


def perplexity(*batches: Pairs, ignore_index: int = -100) -> float:
    return one_pass(Perplexity("perplexity", of=held, ignore_index=ignore_index), batches)


def by_hand(logits: Tensor, tokens: Tensor) -> float:
    """The inverse geometric mean of the tokens' probabilities."""
    surprise = 0.0
    for row, token in zip(table(logits), numbers(tokens), strict=True):
        surprise += math.log(sum(math.exp(each) for each in row)) - row[int(token)]
    return math.exp(surprise / len(tokens)) if len(tokens) else math.nan


def drawn(n_rows: int, n_tokens: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits of five tokens, the tokens, and which of them are no padding."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(n_rows, n_tokens, 5, generator=generator, dtype=torch.float64)
    tokens = torch.randint(0, 5, (n_rows, n_tokens), generator=generator)
    return logits, tokens, torch.rand(n_rows, n_tokens, generator=generator) < 0.6


@EXAMPLES
@given(
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    n_rows=st.integers(1, 4),
    seed=SEEDS,
)
def test_every_token_counts_once(lengths: list[int], n_rows: int, seed: int) -> None:
    """Batches of several lengths, padded: a mean of the batches' means would differ."""
    masked: list[Pairs] = []
    ignored: list[Pairs] = []
    kept_logits: list[Tensor] = []
    kept_tokens: list[Tensor] = []
    for number, n_tokens in enumerate(lengths):
        logits, tokens, where = drawn(n_rows, n_tokens, seed + number)
        kept_logits.append(logits[where])
        kept_tokens.append(tokens[where])
        logits[~where] = math.nan
        masked.append((logits, tokens.masked_fill(~where, 77), where))
        ignored.append((logits, tokens.masked_fill(~where, -100)))
    expected = by_hand(torch.cat(kept_logits), torch.cat(kept_tokens))
    assert close(perplexity(*masked), expected)
    assert close(perplexity(*ignored), expected)


def test_another_token_can_be_the_padding() -> None:
    logits, tokens, _ = drawn(2, 6, seed=1)
    real = tokens != 0
    expected = by_hand(logits[real], tokens[real])
    assert close(perplexity((logits, tokens), ignore_index=0), expected)


def test_who_knows_nothing_is_as_surprised_as_by_a_die() -> None:
    assert close(perplexity((torch.zeros(2, 3, 6), torch.zeros(2, 3).long())), 6.0, tolerance=1e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_small_types_are_computed_in_float32(dtype: torch.dtype) -> None:
    logits, tokens, _ = drawn(4, 6, seed=2)
    small = logits.to(dtype)
    expected = by_hand(small.double().reshape(-1, 5), tokens.reshape(-1))
    assert close(perplexity((small, tokens)), expected, tolerance=1e-6)


def test_extremes() -> None:
    token = torch.tensor([0])
    assert math.isnan(perplexity())
    assert math.isnan(perplexity((torch.zeros(1, 3), torch.tensor([-100]))))
    assert math.isnan(perplexity((torch.tensor([[math.nan, 0.0]]), token)))
    assert perplexity((torch.tensor([[-math.inf, 0.0]]), token)) == math.inf
    assert perplexity((torch.tensor([[-1e4, 0.0]]), token)) == math.inf
    assert perplexity((torch.tensor([[0.0, -math.inf]]), token)) == 1.0


def test_a_pass_forgets_the_one_before() -> None:
    callback, tokens = Perplexity("perplexity", of=held), torch.zeros(2).long()
    for n_classes in (3, 5):
        assert close(one_pass(callback, [(torch.zeros(2, n_classes).double(), tokens)]), n_classes)


def test_nothing_is_read_before_the_end() -> None:
    """The meta device has no values: reading one raises."""
    logits, tokens = torch.zeros(2, 3, 4, device="meta"), torch.zeros(2, 3, device="meta").long()
    callback = Perplexity("perplexity", of=held)
    callback.start()
    callback.update({"pairs": (logits, tokens)}, {})


@pytest.mark.parametrize("token", [5, -1])
def test_a_token_outside_the_vocabulary_is_refused(token: int) -> None:
    with pytest.raises(ValidationError, match="1 targets are no class number from 0 to 4"):
        perplexity((torch.zeros(2, 5), torch.tensor([0, token])))


@pytest.mark.parametrize(
    ("logits", "tokens"),
    [
        (torch.zeros(2, 3, 5), torch.zeros(2, 4).long()),
        (torch.zeros(2, 5, 3), torch.zeros(2, 3).long()),
        (torch.zeros(2, 5), torch.zeros(2)),
        (torch.zeros(2, 5).long(), torch.zeros(2).long()),
        (torch.zeros(5), torch.zeros(()).long()),
    ],
)
def test_what_does_not_fit_is_refused_in_words(logits: Tensor, tokens: Tensor) -> None:
    with pytest.raises(ValidationError, match="expected floating logits"):
        perplexity((logits, tokens))
