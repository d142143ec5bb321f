"""Codes drawn from logits."""

import torch

from demo.libs.sampling import sample_codes


def test_without_sampling_the_most_likely_code_is_taken() -> None:
    logits = torch.tensor([[[0.0, 2.0, 1.0], [3.0, float("-inf"), 0.0]]])
    assert torch.equal(sample_codes(logits, sample=False), torch.tensor([[1, 0]]))


def test_draws_follow_the_softmax_at_the_given_temperature() -> None:
    torch.default_generator.manual_seed(0)
    logits = torch.tensor([0.0, 1.0, 2.0, float("-inf")])
    for temperature in (0.5, 1.0, 3.0):
        codes = sample_codes(logits.expand(10_000, 2, 4), temperature=temperature)
        assert codes.shape == (10_000, 2)
        shares = torch.bincount(codes.flatten(), minlength=4) / codes.numel()
        expected = torch.softmax(logits / temperature, dim=0)
        assert shares[3] == 0.0
        torch.testing.assert_close(shares, expected, atol=0.011, rtol=0.0)  # 3 standard errors


def test_each_row_and_feature_has_its_own_distribution() -> None:
    sure = torch.full((2, 3, 4), -1e4)
    codes = torch.tensor([[0, 1, 2], [3, 2, 1]])
    sure.scatter_(2, codes.unsqueeze(2), 0.0)
    assert torch.equal(sample_codes(sure), codes)
