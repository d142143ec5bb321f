"""The layers against the same computation written by hand."""

import torch
from torch.nn import functional

from demo.libs.layers.diagonal_gaussian_latent import DiagonalGaussianLatent
from demo.libs.layers.embedder import Embedder
from demo.libs.layers.lin_bn_drop import LinBnDrop
from demo.libs.layers.mlp import MLP
from demo.libs.layers.multi_feature_predictor import MultiFeaturePredictor


def test_embedder_concatenates_each_features_own_vectors() -> None:
    embedder = Embedder([2, 3], n_embd=4)
    vectors = embedder.table.weight
    embedded: torch.Tensor = embedder(torch.tensor([[1, 0], [0, 2]]))
    expected = torch.stack(
        [torch.cat([vectors[1], vectors[2]]), torch.cat([vectors[0], vectors[4]])]
    )
    assert torch.equal(embedded, expected)
    assert embedder.n_out == 8


def test_predictor_gives_each_features_logits() -> None:
    predictor = MultiFeaturePredictor(3, [2, 4, 1])
    hidden = torch.randn(5, 3)
    logits: tuple[torch.Tensor, ...] = predictor(hidden)
    flat: torch.Tensor = predictor.linear(hidden)
    assert [tuple(each.shape) for each in logits] == [(5, 2), (5, 4), (5, 1)]
    assert torch.equal(torch.cat(logits, dim=1), flat)


def test_lin_bn_drop_in_evaluation_mode() -> None:
    layer = LinBnDrop(3, 2, dropout=0.5)
    for _ in range(3):
        layer(torch.randn(16, 3))  # moves the running statistics
    layer.eval()
    x = torch.randn(4, 3)
    mean, variance = layer.norm.running_mean, layer.norm.running_var
    assert mean is not None
    assert variance is not None
    linear = x @ layer.linear.weight.T + layer.linear.bias
    expected = functional.leaky_relu((linear - mean) / torch.sqrt(variance + layer.norm.eps))
    torch.testing.assert_close(layer(x), expected)


def test_a_batch_of_one_row_is_normalised_with_the_running_statistics() -> None:
    layer = LinBnDrop(3, 2, dropout=0.0)
    layer(torch.randn(16, 3))
    x = torch.randn(1, 3)
    while_training: torch.Tensor = layer(x)
    layer.eval()
    torch.testing.assert_close(while_training, layer(x))


def test_lin_bn_drop_drops_the_given_share_while_training() -> None:
    torch.default_generator.manual_seed(0)
    activations: torch.Tensor = LinBnDrop(4, 100, dropout=0.25)(torch.randn(200, 4))
    dropped = (activations == 0.0).double().mean().item()
    assert abs(dropped - 0.25) < 0.01  # 20,000 draws: 3 standard errors


def test_mlp_has_the_given_sizes_and_is_the_identity_without_any() -> None:
    mlp = MLP(3, [5, 2], dropout=0.0)
    assert [tuple(p.shape) for p in mlp.parameters() if p.dim() == 2] == [(5, 3), (2, 5)]
    assert mlp.n_out == 2
    x = torch.randn(4, 3)
    assert torch.equal(MLP(3, [], dropout=0.0)(x), x)
    assert MLP(3, [], dropout=0.0).n_out == 3


def test_latent_draws_from_the_posterior() -> None:
    latent = DiagonalGaussianLatent(3, 2)
    hidden = torch.randn(6, 3)
    torch.default_generator.manual_seed(1)
    z, mu, logvar = latent(hidden)
    torch.default_generator.manual_seed(1)
    noise = torch.randn(6, 2)
    torch.testing.assert_close(mu, hidden @ latent.mu.weight.T + latent.mu.bias)
    torch.testing.assert_close(logvar, hidden @ latent.logvar.weight.T + latent.logvar.bias)
    torch.testing.assert_close(z, mu + noise * logvar.exp().sqrt())
