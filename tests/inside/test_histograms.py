"""Counts against `numpy.histogram`, and the picture against a density that is known."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import Tensor

from artifact_torch import ConfigurationError
from artifact_torch.contracts import ResultKind
from artifact_torch.contracts.kinds import Array
from artifact_torch.inside import Density, Histogram, each, histograms
from artifact_torch.inside.histograms import density


def counted(edges: Sequence[float], *seen: Tensor) -> Array:
    histogram = Histogram(edges)
    for tensor in seen:
        histogram.add("layer", tensor)
    return histogram.result()


@pytest.mark.parametrize("chunk", [2**22, 3])
def test_counts_are_numpys(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histograms, "_CHUNK", chunk)
    edges = [-1.0, -0.25, 0.0, 0.5, 1.0]
    on_edges = torch.tensor([[-1.0, -0.25], [0.0, 0.5], [1.0, 1.0], [1.5, -1.5]])
    drawn = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(1))
    assert counted(edges, on_edges).tolist() == [1, 1, 1, 3]
    together = torch.cat([on_edges.flatten(), drawn.flatten()]).double().numpy()
    expected, _ = np.histogram(together, edges)
    assert counted(edges, on_edges, drawn.transpose(0, 1)).tolist() == expected.tolist()


def test_nan_infinity_and_nothing_are_not_counted() -> None:
    seen = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.5])
    assert counted([0, 1], seen, torch.zeros(0)).tolist() == [1]
    assert counted([0, 1]).tolist() == [0]


def test_half_precision_is_counted_like_the_values_it_stands_for() -> None:
    seen = torch.linspace(-2, 2, 101).to(torch.bfloat16)
    expected, _ = np.histogram(seen.double().numpy(), 10, (-2, 2))
    assert counted(list(np.linspace(-2, 2, 11)), seen).tolist() == expected.tolist()


@pytest.mark.parametrize("edges", [[1], [1, 1], [2, 1], [[1, 2], [3, 4]], [0, float("nan")]])
def test_edges_that_do_not_increase_are_refused(edges: list[float]) -> None:
    with pytest.raises(ConfigurationError, match="edges must be two or more increasing numbers"):
        Histogram(edges)


def test_the_density_of_uniform_values_is_flat_and_has_the_area_within() -> None:
    edges = np.linspace(0, 1, 1001)
    bins, heights = density(np.full(1000, 7.0), edges)
    assert (bins[0], bins[-1]) == pytest.approx((0.005, 0.995))
    assert heights == pytest.approx(np.ones(100))


def test_the_density_is_a_normal_one_where_values_are_normal() -> None:
    values = torch.randn(200_000, generator=torch.Generator().manual_seed(2))
    counts = counted(list(histograms.fine_edges()), values)
    bins, heights = density(counts, histograms.fine_edges(), n_bins=20)
    middles = (bins[1:] + bins[:-1]) / 2
    exact = np.exp(-(middles**2) / 2) / np.sqrt(2 * np.pi)
    assert heights == pytest.approx(exact, abs=0.01)


def test_values_that_are_all_one_have_a_density_too() -> None:
    edges = np.array([0.0, 1.0, 2.0, 3.0])
    bins, heights = density(np.array([0.0, 5.0, 0.0]), edges)
    assert (bins[0], bins[-1]) == (1.0, 2.0)
    assert heights == pytest.approx(np.ones(100))
    _, nothing = density(np.zeros(3), edges)
    assert nothing.tolist() == [0.0]


def test_a_picture_says_what_it_shows_and_is_unknown_to_pyplot() -> None:
    before = plt.get_fignums()
    made = Density()
    made.add("encoder.0", torch.randn(50, generator=torch.Generator().manual_seed(4)))
    axes = made.result().axes[0]
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == (
        "encoder.0",
        "value",
        "density",
    )
    made.add("encoder.1", torch.zeros(3))
    assert made.result().axes[0].get_title() == "2 places"
    assert plt.get_fignums() == before
    assert (made.kind, each(Density)().kind) == (ResultKind.PLOT, ResultKind.PLOT_COLLECTION)


def test_no_random_number_is_drawn() -> None:
    before = torch.get_rng_state()
    made = Density()
    made.add("layer", torch.ones(100))
    made.result()
    assert torch.equal(torch.get_rng_state(), before)
