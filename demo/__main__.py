"""`python -m demo`: train the tabular VAE on a table and compare what it generates."""

import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from artifact_core.table_comparison import TabularDataSpec
from artifact_experiment.tracking import FilesystemTrackingClient
from tqdm.contrib.logging import logging_redirect_tqdm

from artifact_torch import ArtifactTorchError, seed_everything
from demo.config.config import ConfigError, DemoConfig
from demo.data.tables import FeatureTable, TableError
from demo.options import Options, configured, named_table, parse
from demo.report import (
    comparison_table,
    draw_distributions,
    final_scores,
    share_of_copies,
    write_summary,
)
from demo.tabular_vae import TabularVAE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit status: 2 for input that cannot be used."""
    options = parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    _quieten(("matplotlib", "artifact_core", "artifact_experiment"))
    try:
        config = configured(options)
        table, source = named_table(options, config)
        run(options, config, table, source)
    except (ConfigError, TableError, ArtifactTorchError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def run(options: Options, config: DemoConfig, data: FeatureTable, source: str) -> None:
    """Train, generate, compare, write."""
    real = data.table
    print(f"Table: {source}: {len(real)} rows, {len(real.columns)} columns")
    spec = TabularDataSpec.from_df(
        real, cts_features=list(data.cts_features), cat_features=list(data.cat_features)
    )
    if options.out is not None:
        _make(options.out)
    with redirect_stdout(None):  # it prints buttons, which are for a notebook
        client = FilesystemTrackingClient.build(experiment_id="demo")
    folder = Path(client.run_dir) if options.out is None else options.out
    print(f"Training for {config.training.max_n_epochs} epochs; results go to {folder}")
    synthesizer = TabularVAE.build(spec, config)
    with logging_redirect_tqdm():
        synthesizer.fit(real, client, folder=folder, device=options.device)
    seed_everything(config.training.seed)
    generated = synthesizer.generate(config.validation.generation_n_records)
    scores = final_scores(spec, real, generated)
    copies = share_of_copies(real, generated)
    generated.to_csv(folder / "generated.csv", index=False)
    draw_distributions(folder / "distributions.png", spec, real, generated)
    losses = synthesizer.result.scores["batch_loss"].dropna().droplevel("epoch")
    losses.to_csv(folder / "batch_loss.csv")
    synthesizer.result.epoch_scores.to_csv(folder / "epoch_scores.csv")
    settings = {"source": source, "config": asdict(config), "options": asdict(options)}
    write_summary(folder / "summary.json", synthesizer.result, scores, copies, settings)
    client.stop()
    _show(comparison_table(spec, real, generated), scores, copies, folder, client.run_dir)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {folder}: {error.strerror}; name a folder to write to") from error


def _show(
    table: pd.DataFrame,
    scores: Mapping[str, float],
    copies: float,
    folder: Path,
    run_folder: str,
) -> None:
    print(f"\nReal against generated:\n{table.to_string()}\n")
    for name, value in scores.items():
        print(f"{name:24} {value:.4f}")
    print(f"{'copied rows':24} {copies:.1%}")
    print(f"\nTable, picture, summary and checkpoints: {folder}")
    print(f"Tracked scores, arrays and plots:        {run_folder}")


def _quieten(loggers: Sequence[str]) -> None:
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
