"""The command line of the demo, and the table it names."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final, get_args

from demo.config.config import DEFAULT_CONFIG, DemoConfig, ModelName, load_config
from demo.data.heart import simulated_heart_disease
from demo.data.tables import FeatureTable, load_csv


@final
@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line."""

    config: Path
    data: Path | None
    cts: tuple[str, ...] | None
    cat: tuple[str, ...] | None
    model: ModelName | None
    epochs: int | None
    seed: int | None
    device: str
    out: Path | None


def parse(arguments: Sequence[str] | None = None) -> Options:
    """The options; leaves with exit status 2 and a usage line for wrong ones."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Train a model of tables and compare what it generates."
    )
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="a JSON file")
    parser.add_argument("--data", type=Path, help="a CSV file with a header line")
    parser.add_argument("--cts", nargs="+", metavar="COLUMN", help="its continuous columns")
    parser.add_argument("--cat", nargs="+", metavar="COLUMN", help="its categorical columns")
    parser.add_argument("--model", choices=get_args(ModelName), help="in place of the configured")
    parser.add_argument("--epochs", type=_positive, help="at most, in place of max_n_epochs")
    parser.add_argument("--seed", type=int, help="in place of the configuration's seed")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, ...")
    parser.add_argument("--out", type=Path, help="the run folder; a run in it goes on")
    given = parser.parse_args(arguments)
    if given.data is None and (given.cts or given.cat):
        parser.error("--cts and --cat name columns of a --data file; give --data too")
    if both := sorted(set(given.cts or ()) & set(given.cat or ())):
        parser.error(f"--cts and --cat both name {', '.join(both)}; name each column once")
    return Options(
        config=given.config,
        data=given.data,
        cts=None if given.cts is None else tuple(given.cts),
        cat=None if given.cat is None else tuple(given.cat),
        model=given.model,
        epochs=given.epochs,
        seed=given.seed,
        device=given.device,
        out=given.out,
    )


def configured(options: Options) -> DemoConfig:
    """The configuration file with the options in place of its values."""
    config = load_config(options.config)
    training = config.training
    if options.epochs is not None:
        training = replace(training, max_n_epochs=options.epochs)
    if options.seed is not None:
        training = replace(training, seed=options.seed)
    architecture = config.architecture
    if options.model is not None:
        architecture = replace(architecture, model=options.model)
    return replace(config, architecture=architecture, training=training)


def named_table(options: Options, config: DemoConfig) -> tuple[FeatureTable, str]:
    """The table to learn and where it comes from, in words."""
    cts, cat = config.data.cts_features, config.data.cat_features
    path = config.data.training_dataset_path
    if options.data is not None:
        cts, cat = _columns(options, config)
        return FeatureTable(load_csv(options.data, cts, cat), cts, cat), str(options.data)
    if path is not None and path.is_file():
        return FeatureTable(load_csv(path, cts, cat), cts, cat), str(path)
    source = "a simulated heart-disease table (a hand-written model, no persons; see demo/data)"
    if path is not None:
        source += f"; the configured {path} is not there"
    return FeatureTable(simulated_heart_disease(), cts, cat), source


def _columns(options: Options, config: DemoConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if options.cts is None and options.cat is None:
        return config.data.cts_features, config.data.cat_features
    return options.cts or (), options.cat or ()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number
