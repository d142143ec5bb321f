"""The demo's configuration files, and what is said about wrong ones."""

import json
from pathlib import Path

import pytest

from demo.config.config import (
    DEFAULT_CONFIG,
    SPECIFICATION_CONFIG,
    ArchitectureConfig,
    ConfigError,
    DataConfig,
    DemoConfig,
    TrainingConfig,
    ValidationConfig,
    load_config,
)
from demo.data.heart import CAT_FEATURES, CTS_FEATURES

SPECIFICATION = DemoConfig(
    data=DataConfig(
        training_dataset_path=Path("assets/real.csv"),
        cts_features=CTS_FEATURES,
        cat_features=CAT_FEATURES,
    ),
    architecture=ArchitectureConfig(
        n_embd=8,
        encoder_layer_sizes=(512, 256),
        latent_dim=128,
        loss_beta=0.1,
        n_bins_cts=32,
        dropout=0.1,
    ),
    training=TrainingConfig(
        max_n_epochs=200,
        learning_rate=0.001,
        batch_size=512,
        checkpoint_period=5,
        learning_rate_schedule="constant",
        drop_last=False,
        seed=0,
        batch_loss_period=1,
        train_loader_callback_period=1,
    ),
    validation=ValidationConfig(
        validation_plan_callback_period=5,
        generation_n_records=1000,
        generation_use_mean=False,
        generation_temperature=1.0,
    ),
)


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The specification's file with pieces of its text replaced."""
    text = SPECIFICATION_CONFIG.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "config.json"
    path.write_text(text)
    return path


def message(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return str(caught.value)


def test_the_specifications_file() -> None:
    assert load_config(SPECIFICATION_CONFIG) == SPECIFICATION


def test_the_default_file_has_every_key_of_the_specifications() -> None:
    default = json.loads(DEFAULT_CONFIG.read_text())
    specification = json.loads(SPECIFICATION_CONFIG.read_text())
    assert default.keys() == specification.keys()
    for section in specification:
        assert specification[section].keys() <= default[section].keys()
    config = load_config()
    assert config.data.training_dataset_path is None
    assert (config.data.cts_features, config.data.cat_features) == (CTS_FEATURES, CAT_FEATURES)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '"n_embd": 8',
            '"n_embd": 0',
            "architecture.n_embd must be an integer of at least 1, got 0; change the value",
        ),
        (
            '"n_embd": 8',
            '"n_embd": true',
            "architecture.n_embd must be an integer of at least 1, got true; change the value",
        ),
        (
            "[512, 256]",
            '[512, "a"]',
            (
                "architecture.ls_encoder_layer_sizes must be a list of one or more integers of at "
                'least 1, got [512, "a"]; change the value'
            ),
        ),
        (
            '"loss_beta": 0.1',
            '"loss_beta": -0.1',
            "architecture.loss_beta must be a number of at least 0, got -0.1; change the value",
        ),
        (
            '"loss_beta": 0.1',
            '"loss_beta": NaN',
            "architecture.loss_beta must be a number of at least 0, got NaN; change the value",
        ),
        (
            '"n_embd": 8',
            '"n_embd": 8, "dropout": 1.0',
            (
                "architecture.dropout must be a number of at least 0 and below 1, got 1.0; "
                "change the value"
            ),
        ),
        (
            '"learning_rate": 0.001',
            '"learning_rate": "fast"',
            'training.learning_rate must be a number above 0, got "fast"; change the value',
        ),
        (
            '"batch_size": 512',
            '"batch_size": 1',
            "training.batch_size must be an integer of at least 2, got 1; change the value",
        ),
        (
            '"batch_size": 512',
            '"batch_size": 512, "drop_last": 1',
            "training.drop_last must be true or false, got 1; change the value",
        ),
        (
            '"batch_size": 512',
            '"batch_size": 512, "learning_rate_schedule": "linear"',
            (
                'training.learning_rate_schedule must be "constant" or "cosine", got "linear"; '
                "change the value"
            ),
        ),
        (
            '"assets/real.csv"',
            "7",
            "data.training_dataset_path must be a path, or null, got 7; change the value",
        ),
        (
            '"Age", "RestingBP"',
            '"Age", "Age", "RestingBP"',
            (
                'data.ls_cts_features must be a list of different names, got ["Age", "Age", '
                '"RestingBP", "Cholesterol", "MaxHR", "Oldp...; change the value'
            ),
        ),
        (
            '"Age", ',
            '"Age", "Sex", ',
            (
                "data.ls_cts_features and data.ls_cat_features must have no name in common, got Sex "
                "in both; remove it from one"
            ),
        ),
        (
            '"latent_dim": 128',
            '"laten_dim": 128, "latent_dim": 128',
            "architecture.laten_dim is no known key; did you mean architecture.latent_dim?",
        ),
        (
            '"n_embd": 8',
            '"n_embd": 8, "model": "flow"',
            (
                'architecture.model must be "vae", "autoregressive" or "gan", got "flow"; '
                "change the value"
            ),
        ),
        (
            '"max_n_epochs": 200',
            '"max_n_epochs": null',
            (
                "training.max_n_steps must be an integer of at least 1 where max_n_epochs is null, "
                "got null; change one of them"
            ),
        ),
        (
            '"n_embd": 8,',
            "",
            "architecture.n_embd is missing; add an integer of at least 1",
        ),
        (
            '"data": {',
            '"notes": {}, "data": {',
            "notes is no known key; remove it",
        ),
    ],
)
def test_one_wrong_value(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = changed(tmp_path, (old, new))
    assert message(path) == f"{path} has 1 problem:\n- {problem}"


def test_all_problems_are_in_one_error(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ('"max_n_epochs": 200', '"max_epochs": 200'),
        ('"n_embd": 8', '"n_embd": 8.5'),
    )
    assert message(path) == (
        f"{path} has 3 problems:\n"
        "- architecture.n_embd must be an integer of at least 1, got 8.5; change the value\n"
        "- training.max_n_epochs is missing; add an integer of at least 1, or null\n"
        "- training.max_epochs is no known key; did you mean training.max_n_epochs?"
    )


def test_a_section_that_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    document = json.loads(SPECIFICATION_CONFIG.read_text())
    document["validation"] = 5
    del document["training"]
    path.write_text(json.dumps(document))
    assert message(path) == (
        f"{path} has 2 problems:\n"
        "- training is missing; add an object with the section's keys\n"
        "- validation must be an object with the section's keys, got 5; change the value"
    )


def test_files_that_are_no_json_object(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    assert message(path) == (
        f"the configuration must be a JSON file, got {path}: No such file or directory; "
        "check the path"
    )
    path.write_text("{,}")
    assert message(path).startswith(f"{path} must be a JSON document, got another: Expecting")
    path.write_text("[]")
    assert message(path) == (
        f"{path} must be a JSON object with the keys data, architecture, training and "
        f"validation, got a list; see {DEFAULT_CONFIG}"
    )
