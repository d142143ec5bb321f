"""`python -m demo`: train a model of tables and compare what it generates."""

import gc
import logging
import shlex
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd

from artifact_torch import ArtifactTorchError, new_run, seed_everything
from artifact_torch.table_comparison import table_spec
from demo.config.config import ConfigError, DemoConfig
from demo.data.tables import FeatureTable, TableError
from demo.options import Options, configured, named_table, parse
from demo.report import (
    comparison_table,
    contents,
    draw_distributions,
    final_scores,
    share_of_copies,
    write_summary,
)
from demo.tabular_model import TabularModel

RUNS = Path("runs")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit status: 2 for input that cannot be used, 130 after Ctrl-C."""
    options = parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    _quieten(("matplotlib", "artifact_core"))
    try:
        config = configured(options)
        table, source = named_table(options, config)
        with _folder(options, sys.argv[1:] if arguments is None else arguments) as folder:
            run(options, config, table, source, folder)
    except (ConfigError, TableError, ArtifactTorchError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def run(
    options: Options, config: DemoConfig, data: FeatureTable, source: str, folder: Path
) -> None:
    """Train, generate, compare, write."""
    real = data.table
    print(f"Table: {source}: {len(real)} rows, {len(real.columns)} columns")
    spec = table_spec(real, cts_features=data.cts_features, cat_features=data.cat_features)
    print(f"Training: {config.architecture.model}, {_length(config)}; results go to {folder}")
    synthesizer = TabularModel.build(spec, config)
    synthesizer.fit(real, run_folder=folder, device=options.device)
    seed_everything(config.training.seed)
    generated = synthesizer.generate(config.validation.generation_n_records)
    scores = final_scores(spec, real, generated)
    copies = share_of_copies(real, generated)
    generated.to_csv(folder / "generated.csv", index=False)
    draw_distributions(folder / "distributions.png", spec, real, generated)
    write_summary(folder / "summary.json", synthesizer.result, scores, copies, source)
    _show(comparison_table(spec, real, generated), scores, copies, folder)


def _length(config: DemoConfig) -> str:
    training = config.training
    bounds = {"steps": training.max_n_steps, "epochs": training.max_n_epochs}
    words = [f"{n} {unit}" for unit, n in bounds.items() if n is not None]
    return f"at most {' or '.join(words)}"


@contextmanager
def _folder(options: Options, arguments: Sequence[str]) -> Generator[Path]:
    """The run folder: the one that is asked for, or a new one. Whoever ends the run by Ctrl-C or a
    signal is told how it goes on.
    """
    folder = new_run(RUNS) if options.out is None else _made(options.out)
    try:
        yield folder
    except (KeyboardInterrupt, SystemExit):
        where = ["--out", str(folder)] if options.out is None else []
        command = shlex.join(["python", "-m", "demo", *arguments, *where])
        print(f"\nStopped. The run goes on with: {command}")
        raise
    finally:
        if options.out is None:
            with suppress(OSError):  # there is something in it
                folder.rmdir()


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {folder}: {error.strerror}; name a folder to write to") from error
    return folder


def _show(table: pd.DataFrame, scores: Mapping[str, float], copies: float, folder: Path) -> None:
    print(f"\nReal against generated:\n{table.to_string()}\n")
    for name, value in scores.items():
        print(f"{name:24} {value:.4f}")
    print(f"{'copied rows':24} {copies:.1%}")
    print(f"\nAll of this run is in {folder}:\n{contents(folder)}")


def _quieten(loggers: Sequence[str]) -> None:
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    gc.set_threshold(50_000)  # the libraries are a million objects: to walk them often takes 2 s
    sys.exit(main())
