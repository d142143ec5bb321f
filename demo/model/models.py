"""The models of tables, by name."""

from collections.abc import Sequence
from typing import assert_never

from torch import Tensor

from artifact_torch.contracts import ModelOutput
from artifact_torch.table_comparison import TableSynthesizer
from artifact_torch.tables import TableCodec
from demo.config.config import ArchitectureConfig
from demo.model.autoregressive import TabularAutoregressive
from demo.model.gan import TabularGAN
from demo.model.io import TabularGenerationParams, TabularInput
from demo.model.synthesizer import TabularVAESynthesizer


def build_model(
    codec: TableCodec,
    config: ArchitectureConfig,
    *,
    codes: Tensor,
    held_out: Tensor | None,
    n_ordered: Sequence[int],
) -> TableSynthesizer[TabularInput, ModelOutput, TabularGenerationParams]:
    """An untrained `config.model` of the tables of `codec`, to learn from the rows `codes`, without
    those that are `held_out`.

    `n_ordered` of each feature's codes, from code 0 on, are bins along a line.
    """
    match config.model:
        case "vae":
            return TabularVAESynthesizer.build(codec, config)
        case "autoregressive":
            return TabularAutoregressive.build(
                codec, config, codes=codes, held_out=held_out, n_ordered=n_ordered
            )
        case "gan":
            return TabularGAN.build(codec, config)
        case _:
            assert_never(config.model)


def loss_terms(config: ArchitectureConfig) -> tuple[str, ...]:
    """What the output of `config.model` has beside its loss, to be kept with it."""
    match config.model:
        case "vae":
            return ("reconstruction", "kl")
        case "autoregressive":
            return ()
        case "gan":
            return ("generator_loss", "critic_loss")
        case _:
            assert_never(config.model)
