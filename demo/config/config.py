"""The demo's configuration: typed, and checked as a whole when it is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, final, get_args

from demo.config import kinds
from demo.config.section import Section, note_unknown

ModelName: TypeAlias = Literal["vae", "autoregressive", "gan"]
"""Of the models, in `demo.model.models`."""
ScheduleName: TypeAlias = Literal["constant", "cosine"]

MODELS: Final[Mapping[str, ModelName]] = {name: name for name in get_args(ModelName)}
_SCHEDULES: Final[Mapping[str, ScheduleName]] = {name: name for name in get_args(ScheduleName)}

DEFAULT_CONFIG = Path(__file__).with_name("config.json")
SPECIFICATION_CONFIG = Path(__file__).with_name("specification.json")


class ConfigError(ValueError):
    """A configuration that cannot be used; the message names every problem."""


@final
@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which table to learn."""

    training_dataset_path: Path | None  # None: the simulated table of demo.data.heart
    cts_features: tuple[str, ...]
    cat_features: tuple[str, ...]


@final
@dataclass(frozen=True, kw_only=True)
class ArchitectureConfig:
    """The network and its loss."""

    n_embd: int  # numbers in the learned vector of each code
    encoder_layer_sizes: tuple[int, ...]  # the decoder has the same, in reverse
    latent_dim: int
    loss_beta: float  # weight of the KL divergence; 1 gives the evidence lower bound
    n_bins_cts: int  # most bins of a continuous column: the root of the rows, from 8 to this
    dropout: float  # share of activations dropped in each hidden layer of VAE and critic
    model: ModelName = "vae"
    n_context: int = 128  # autoregressive: numbers in the learned vector of each code
    n_hidden: int = 64  # autoregressive: width of each feature's own network
    autoregressive_dropout: float = 0.3
    forgetting: float = 0.1  # autoregressive: share of codes that the features after do not see


@final
@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """The training run."""

    max_n_epochs: int | None
    max_n_steps: int | None = None
    validation_share: float = (
        0.0  # of the rows, held out to stop early and to choose the best weights
    )
    validation_period: int = 25  # steps between two looks at them
    patience: int = 10  # looks without a better one, after which the training ends
    average_decay: float = 0.0  # of the weights over the steps, see `ema`; 0 averages nothing
    learning_rate: float  # Adam's
    weight_decay: float = 0.0
    batch_size: int  # rows
    checkpoint_period: int  # epochs
    learning_rate_schedule: ScheduleName  # cosine: to 0 over the whole run
    drop_last: bool  # leave out an epoch's last batch where it is smaller than the others
    seed: int  # of the weights, the order of the rows and the draws
    batch_loss_period: int  # steps that one batch loss is the mean of
    train_loader_callback_period: int  # epochs between two losses over the whole table


@final
@dataclass(frozen=True, kw_only=True)
class ValidationConfig:
    """The comparison of generated with real rows."""

    validation_plan_callback_period: int  # epochs
    generation_n_records: int  # rows
    generation_use_mean: bool
    generation_temperature: float


@final
@dataclass(frozen=True, kw_only=True)
class DemoConfig:
    """All of the demo's settings.

    The JSON keys are the specification's; four of them, which begin with `ls_` there, are
    `cts_features`, `cat_features` and `encoder_layer_sizes` here. A key the specification's file
    does not have may be left out.
    """

    data: DataConfig
    architecture: ArchitectureConfig
    training: TrainingConfig
    validation: ValidationConfig


def load_config(path: Path = DEFAULT_CONFIG) -> DemoConfig:
    """The configuration in the JSON file `path`.

    Raises ConfigError when there is no such file, it is no JSON object, or it has missing or
    unknown keys, or values of a wrong type or out of range.
    """
    document = _read_json(path)
    problems: list[str] = []
    note_unknown(document, ("data", "architecture", "training", "validation"), problems)
    config = DemoConfig(
        data=_read_data(Section.find(document, "data", problems), problems),
        architecture=_read_architecture(Section.find(document, "architecture", problems)),
        training=_read_training(Section.find(document, "training", problems), problems),
        validation=_read_validation(Section.find(document, "validation", problems)),
    )
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise ConfigError("\n- ".join([f"{path} has {count}:", *problems]))
    return config


def _read_json(path: Path) -> dict[str, object]:
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"the configuration must be a JSON file, got {path}: {error.strerror}; check the path"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{path} must be a JSON document, got another: {error}") from error
    if not kinds.is_json_object(document):
        raise ConfigError(
            f"{path} must be a JSON object with the keys data, architecture, training and "
            f"validation, got a {type(document).__name__}; see {DEFAULT_CONFIG}"
        )
    return document


def _read_data(section: Section, problems: list[str]) -> DataConfig:
    config = DataConfig(
        training_dataset_path=section.read("training_dataset_path", kinds.optional_path()),
        cts_features=section.read("ls_cts_features", kinds.names()),
        cat_features=section.read("ls_cat_features", kinds.names()),
    )
    section.finish()
    both = sorted(set(config.cts_features) & set(config.cat_features))
    if both:
        problems.append(
            "data.ls_cts_features and data.ls_cat_features must have no name in common, "
            f"got {', '.join(both)} in both; remove it from one"
        )
    return config


def _read_architecture(section: Section) -> ArchitectureConfig:
    share = kinds.number("a number of at least 0 and below 1", lambda value: 0.0 <= value < 1.0)
    weight = kinds.number("a number of at least 0", lambda value: value >= 0.0)
    config = ArchitectureConfig(
        n_embd=section.read("n_embd", kinds.integer(least=1)),
        encoder_layer_sizes=section.read("ls_encoder_layer_sizes", kinds.sizes()),
        latent_dim=section.read("latent_dim", kinds.integer(least=1)),
        loss_beta=section.read("loss_beta", weight),
        n_bins_cts=section.read("n_bins_cts", kinds.integer(least=1), default=32),
        dropout=section.read("dropout", share, default=0.1),
        model=section.read("model", kinds.one_of(MODELS), default=ArchitectureConfig.model),
        n_context=section.read(
            "n_context", kinds.integer(least=1), default=ArchitectureConfig.n_context
        ),
        n_hidden=section.read(
            "n_hidden", kinds.integer(least=1), default=ArchitectureConfig.n_hidden
        ),
        autoregressive_dropout=section.read(
            "autoregressive_dropout", share, default=ArchitectureConfig.autoregressive_dropout
        ),
        forgetting=section.read("forgetting", share, default=ArchitectureConfig.forgetting),
    )
    section.finish()
    return config


def _read_training(section: Section, problems: list[str]) -> TrainingConfig:
    positive = kinds.number("a number above 0", lambda value: value > 0.0)
    period = kinds.integer(least=1)
    share = kinds.number("a number of at least 0 and below 1", lambda value: 0.0 <= value < 1.0)
    weight = kinds.number("a number of at least 0", lambda value: value >= 0.0)
    bound = kinds.optional_integer(least=1)
    config = TrainingConfig(
        max_n_epochs=section.read("max_n_epochs", bound),
        max_n_steps=section.read("max_n_steps", bound, default=TrainingConfig.max_n_steps),
        validation_share=section.read(
            "validation_share", share, default=TrainingConfig.validation_share
        ),
        validation_period=section.read(
            "validation_period", period, default=TrainingConfig.validation_period
        ),
        patience=section.read("patience", period, default=TrainingConfig.patience),
        average_decay=section.read("average_decay", share, default=TrainingConfig.average_decay),
        weight_decay=section.read("weight_decay", weight, default=TrainingConfig.weight_decay),
        learning_rate=section.read("learning_rate", positive),
        batch_size=section.read("batch_size", kinds.integer(least=2)),  # batch normalisation
        checkpoint_period=section.read("checkpoint_period", period),
        learning_rate_schedule=section.read(
            "learning_rate_schedule", kinds.one_of(_SCHEDULES), default="constant"
        ),
        drop_last=section.read("drop_last", kinds.flag(), default=False),
        seed=section.read("seed", kinds.integer(least=0), default=0),
        batch_loss_period=section.read("batch_loss_period", period, default=1),
        train_loader_callback_period=section.read(
            "train_loader_callback_period", period, default=1
        ),
    )
    section.finish()
    if config.max_n_epochs is None and config.max_n_steps is None:
        problems.append(
            "training.max_n_steps must be an integer of at least 1 where max_n_epochs is null, "
            "got null; change one of them"
        )
    return config


def _read_validation(section: Section) -> ValidationConfig:
    positive = kinds.number("a number above 0", lambda value: value > 0.0)
    config = ValidationConfig(
        validation_plan_callback_period=section.read(
            "validation_plan_callback_period", kinds.integer(least=1)
        ),
        generation_n_records=section.read("generation_n_records", kinds.integer(least=1)),
        generation_use_mean=section.read("generation_use_mean", kinds.flag(), default=False),
        generation_temperature=section.read("generation_temperature", positive, default=1.0),
    )
    section.finish()
    return config
