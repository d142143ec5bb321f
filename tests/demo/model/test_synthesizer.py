"""The tabular VAE: its loss, and the tables it generates."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn, optim

from artifact_torch.contracts import Optimizer
from artifact_torch.tables import TableCodec
from demo.config.config import ArchitectureConfig
from demo.data.heart import CAT_FEATURES, CTS_FEATURES, simulated_heart_disease
from demo.libs.losses.beta_loss import beta_loss
from demo.model.io import TabularGenerationParams, TabularInput
from demo.model.synthesizer import TabularVAESynthesizer

SMALL = ArchitectureConfig(
    n_embd=4,
    encoder_layer_sizes=(32, 16),
    latent_dim=4,
    loss_beta=0.5,
    n_bins_cts=8,
    dropout=0.1,
)
TABLE = simulated_heart_disease(200)
CODEC = TableCodec.fit(TABLE, n_bins=8)


def synthesizer(codec: TableCodec = CODEC, seed: int = 0) -> TabularVAESynthesizer:
    torch.default_generator.manual_seed(seed)
    return TabularVAESynthesizer.build(codec, SMALL)


def train(
    model: TabularVAESynthesizer, batch: TabularInput, optimizer: Optimizer, n_steps: int
) -> list[float]:
    """The losses of `n_steps` updates on one batch."""
    losses: list[float] = []
    for _ in range(n_steps):
        optimizer.zero_grad()
        loss = model.forward(batch)["loss"]
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_forward_is_the_beta_loss_of_what_the_network_gives() -> None:
    model = synthesizer()
    model.eval()
    model_input = TabularInput(codes=CODEC.encode(TABLE)[:64])
    torch.default_generator.manual_seed(1)
    output = model(model_input)
    torch.default_generator.manual_seed(1)
    latent = model.vae.encode(model_input["codes"])
    expected = beta_loss(
        logits=model.vae.decode(latent.z),
        codes=model_input["codes"],
        mu=output["mu"],
        logvar=output["logvar"],
        beta=0.5,
    )
    assert output["loss"].shape == ()
    assert output["mu"].shape == output["logvar"].shape == (64, 4)
    torch.testing.assert_close(output["loss"], expected.loss)
    assert torch.equal(output["loss"], output["reconstruction"] + 0.5 * output["kl"])


def test_every_parameter_gets_a_finite_gradient() -> None:
    model = synthesizer()
    torch.autograd.backward(model(TabularInput(codes=CODEC.encode(TABLE)))["loss"])
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.count_nonzero() > 0 or "linear.bias" in name, name


def test_generated_tables_have_the_columns_dtypes_and_categories_of_the_real_one() -> None:
    generated = synthesizer().generate(TabularGenerationParams(n_records=300))
    assert generated.shape == (300, 12)
    pd.testing.assert_series_equal(generated.dtypes, TABLE.dtypes)
    assert generated.index.equals(pd.RangeIndex(300))
    for feature in CAT_FEATURES:
        assert set(generated[feature]) <= set(TABLE[feature])
    for feature in CTS_FEATURES:
        assert generated[feature].between(TABLE[feature].min(), TABLE[feature].max()).all()


def test_generate_restores_the_mode_of_every_module() -> None:
    model = synthesizer()
    model.vae.encoder.eval()  # a part that its user has frozen
    before = [module.training for module in model.modules()]
    model.generate(TabularGenerationParams(n_records=2))
    assert [module.training for module in model.modules()] == before
    assert len(set(before)) == 2


def test_generate_decodes_in_evaluation_mode_without_gradients() -> None:
    model = synthesizer()
    seen: list[tuple[bool, bool]] = []

    def note(module: nn.Module, _inputs: object, _output: object) -> None:
        seen.append((module.training, torch.is_grad_enabled()))

    model.vae.decoder.register_forward_hook(note)
    statistics = {name: buffer.clone() for name, buffer in model.named_buffers()}
    model.generate(TabularGenerationParams(n_records=5))
    assert seen == [(False, False)]
    assert all(torch.equal(buffer, statistics[name]) for name, buffer in model.named_buffers())


def test_large_tables_are_decoded_in_batches() -> None:
    model = synthesizer()
    sizes: list[int] = []

    def note(_module: nn.Module, inputs: tuple[torch.Tensor, ...], _output: object) -> None:
        sizes.append(len(inputs[0]))

    model.vae.decoder.register_forward_hook(note)
    generated = model.generate(TabularGenerationParams(n_records=9000))
    assert sizes == [4096, 4096, 808]
    assert len(generated) == 9000


def test_the_same_seed_generates_the_same_table() -> None:
    model = synthesizer()
    tables: list[pd.DataFrame] = []
    for seed in (1, 1, 2):
        torch.default_generator.manual_seed(seed)
        tables.append(model.generate(TabularGenerationParams(n_records=20)))
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not tables[0].equals(tables[2])


def test_the_priors_mean_without_sampling_gives_one_row_of_codes() -> None:
    params = TabularGenerationParams(n_records=50, use_mean=True, sample=False)
    generated = synthesizer().generate(params)
    assert len(generated[list(CAT_FEATURES)].drop_duplicates()) == 1


def test_a_model_whose_weights_are_not_finite_generates_nothing() -> None:
    model = synthesizer()
    nn.init.constant_(model.vae.predictor.linear.bias, float("nan"))
    with pytest.raises(ValueError, match="logits must be finite or -inf"):
        model.generate(TabularGenerationParams(n_records=5))
    assert model.training


def test_the_temperature_sharpens_and_flattens() -> None:
    model = synthesizer()
    nn.init.normal_(model.vae.predictor.linear.bias)
    commonest: list[float] = []
    for temperature in (0.01, 1.0, 100.0):
        torch.default_generator.manual_seed(0)
        generated = model.generate(
            TabularGenerationParams(n_records=2000, use_mean=True, temperature=temperature)
        )
        commonest.append(generated["ST_Slope"].value_counts(normalize=True).iloc[0])
    assert commonest[0] == pytest.approx(1.0, abs=0.01)
    assert commonest[0] > commonest[1] > commonest[2]
    assert commonest[2] == pytest.approx(1 / 3, abs=0.03)


def test_a_trained_model_generates_the_dependence_it_was_shown() -> None:
    colours = np.random.default_rng(0).choice(["red", "green", "blue"], 240)
    size = {"red": 1, "green": 5, "blue": 9}
    table = pd.DataFrame({"colour": colours, "size": [size[colour] for colour in colours]})
    codec = TableCodec.fit(table, n_bins=8)
    model = synthesizer(codec)
    batch = TabularInput(codes=codec.encode(table))
    losses = train(model, batch, optim.Adam(model.parameters(), lr=0.02), n_steps=150)
    assert losses[-1] < 0.6 * losses[0]
    generated = model.generate(TabularGenerationParams(n_records=1000))
    agreeing = generated["colour"].map(size) == generated["size"]
    assert agreeing.mean() > 0.75  # a third by chance
    shares = generated["colour"].value_counts(normalize=True)
    real_shares = table["colour"].value_counts(normalize=True)
    assert max(abs(shares[colour] - real_shares[colour]) for colour in size) < 0.1


@pytest.mark.parametrize(
    ("n_records", "temperature", "message"),
    [
        (0, 1.0, "n_records must be at least 1, got 0"),
        (1, 0.0, "temperature must be above 0, got 0.0"),
        (1, float("nan"), "temperature must be above 0, got nan"),
    ],
)
def test_generation_params_out_of_range(n_records: int, temperature: float, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        TabularGenerationParams(n_records=n_records, temperature=temperature)
