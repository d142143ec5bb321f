"""The beta-VAE loss against torch.distributions."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.distributions import Normal, kl_divergence

from demo.libs.losses.beta_loss import beta_loss, gaussian_kl
from demo.libs.losses.energy_distance import energy_distance


def test_gaussian_kl_is_the_divergence_from_the_standard_normal() -> None:
    mu, logvar = torch.randn(7, 5), torch.randn(7, 5)
    posterior = Normal(mu, torch.exp(0.5 * logvar))
    expected = kl_divergence(posterior, Normal(torch.zeros(5), torch.ones(5))).sum(dim=1)
    torch.testing.assert_close(gaussian_kl(mu, logvar), expected)


def test_gaussian_kl_of_the_prior_is_zero() -> None:
    assert torch.equal(gaussian_kl(torch.zeros(3, 4), torch.zeros(3, 4)), torch.zeros(3))


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_loss_is_the_mean_over_rows_of_the_sum_over_features(beta: float) -> None:
    logits = [torch.randn(6, n) for n in (4, 5, 4)]
    codes = torch.randint(0, 4, (6, 3))
    mu, logvar = torch.randn(6, 2), torch.randn(6, 2)
    losses = beta_loss(logits=logits, codes=codes, mu=mu, logvar=logvar, beta=beta)
    reconstruction = torch.zeros(())
    for row in range(6):
        for feature in range(3):
            probabilities = torch.softmax(logits[feature][row], dim=0)
            reconstruction = reconstruction - probabilities[codes[row, feature]].log() / 6.0
    torch.testing.assert_close(losses.reconstruction, reconstruction)
    torch.testing.assert_close(losses.kl, gaussian_kl(mu, logvar).mean())
    torch.testing.assert_close(losses.loss, reconstruction + beta * losses.kl)
    assert losses.loss.shape == ()


def test_energy_distance_is_that_of_all_pairs() -> None:
    rng = np.random.default_rng(0)
    real, made = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)) + 1.0

    def mean(a: NDArray[np.float64], b: NDArray[np.float64], n_pairs: int) -> float:
        return sum(float(np.linalg.norm(x - y)) for x in a for y in b) / n_pairs

    expected = 2 * mean(real, made, 20) - mean(real, real, 20) - mean(made, made, 12)
    got = energy_distance(torch.as_tensor(real), torch.as_tensor(made))
    assert got.item() == pytest.approx(expected, abs=1e-12)


def test_energy_distance_of_one_distribution_is_nothing_and_of_one_row_is_finite() -> None:
    torch.default_generator.manual_seed(0)
    rows = torch.randn(3000, 4)
    assert abs(energy_distance(rows[:1500], rows[1500:]).item()) < 0.01
    assert energy_distance(rows[:1500], rows[1500:] + 1).item() > 0.5
    assert torch.equal(energy_distance(rows[:1], rows[:1]), torch.zeros(()))
