"""The beta-VAE loss against torch.distributions."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from demo.libs.losses.beta_loss import beta_loss, gaussian_kl


def test_gaussian_kl_is_the_divergence_from_the_standard_normal() -> None:
    mu, logvar = torch.randn(7, 5), torch.randn(7, 5)
    posterior = Normal(mu, torch.exp(0.5 * logvar))
    expected = kl_divergence(posterior, Normal(torch.zeros(5), torch.ones(5))).sum(dim=1)
    torch.testing.assert_close(gaussian_kl(mu, logvar), expected)


def test_gaussian_kl_of_the_prior_is_zero() -> None:
    assert torch.equal(gaussian_kl(torch.zeros(3, 4), torch.zeros(3, 4)), torch.zeros(3))


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_loss_is_the_mean_over_rows_of_the_sum_over_features(beta: float) -> None:
    logits = torch.randn(6, 3, 4)
    codes = torch.randint(0, 4, (6, 3))
    mu, logvar = torch.randn(6, 2), torch.randn(6, 2)
    losses = beta_loss(logits=logits, codes=codes, mu=mu, logvar=logvar, beta=beta)
    reconstruction = torch.zeros(())
    for row in range(6):
        for feature in range(3):
            probabilities = torch.softmax(logits[row, feature], dim=0)
            reconstruction = reconstruction - probabilities[codes[row, feature]].log() / 6.0
    torch.testing.assert_close(losses.reconstruction, reconstruction)
    torch.testing.assert_close(losses.kl, gaussian_kl(mu, logvar).mean())
    torch.testing.assert_close(losses.loss, reconstruction + beta * losses.kl)
    assert losses.loss.shape == ()


def test_absent_codes_change_neither_the_loss_nor_the_gradients() -> None:
    two = torch.randn(5, 1, 2)
    codes = torch.randint(0, 2, (5, 1))
    padded = torch.cat([two, torch.full((5, 1, 3), float("-inf"))], dim=2)
    two.requires_grad_()
    padded.requires_grad_()
    zeros = torch.zeros(5, 1)
    losses = [
        beta_loss(logits=logits, codes=codes, mu=zeros, logvar=zeros, beta=1.0).loss
        for logits in (two, padded)
    ]
    torch.testing.assert_close(losses[0], losses[1])
    torch.autograd.backward(losses)
    assert two.grad is not None
    assert padded.grad is not None
    torch.testing.assert_close(padded.grad[..., :2], two.grad)
    assert padded.grad[..., 2:].count_nonzero() == 0
