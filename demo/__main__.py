"""`python -m demo`: learn a table, make new rows of it, and compare them with the real ones."""

import gc
import logging
import shlex
import sys
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which

import pandas as pd

from artifact_torch import ArtifactTorchError, new_run, seed_everything
from artifact_torch.report.writing import REPORT
from artifact_torch.table_comparison import beside_ceilings
from artifact_torch.tables import CopyWarning
from demo.benchmark.measures import share_of_copies
from demo.config.config import ConfigError, DemoConfig
from demo.data.reading import TableError
from demo.data.tables import NamedTable, compared, configured_table, table_of_file
from demo.options import Options, configured, parse
from demo.report import Outcome, comparison_table, contents, picture, write_summary
from demo.tabular_model import TabularModel
from demo.target import held_back, taught

RUNS = Path("runs")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit status: 2 for input that cannot be used, 130 after Ctrl-C."""
    options = parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    _quieten(("matplotlib", "artifact_core"))
    try:
        config = configured(options)
        data = (
            configured_table(config.data)
            if options.data is None
            else table_of_file(options.data, options.kinds)
        )
        with _folder(options, sys.argv[1:] if arguments is None else arguments) as folder:
            run(options, config, data, folder)
    except (ConfigError, TableError, ArtifactTorchError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def run(options: Options, config: DemoConfig, data: NamedTable, folder: Path) -> pd.DataFrame:
    """Train, generate, compare, write; the generated rows."""
    columns, seed = data.columns, config.training.seed
    print(f"Table: {data.source}: {len(data.table)} rows, {len(columns)} columns\n{columns}")
    print("".join(f"- {line}\n" for line in data.told))
    real, apart = held_back(data.table, columns, options.target, seed=seed)
    if len(apart):
        print(
            f"{len(apart)} rows, a fifth, are held back for {options.target}; real are the others"
        )
    spec = compared(real, columns, data.source)
    print(f"Training a model ({config.architecture.model}); results go to {folder}")
    model = TabularModel.build(spec, config, columns=columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CopyWarning)  # told above, with the options that help
        model.fit(real, run_folder=folder, device=options.device)
    seed_everything(seed)
    generated = model.generate(config.validation.generation_n_records)
    data.write(generated, folder / "generated.csv")
    (folder / "generated.png").write_bytes(picture(spec, real, generated))
    outcome = Outcome(
        scores=beside_ceilings(spec, real, generated),
        copies=share_of_copies(real, generated[[*spec.features]]),  # without what is made fresh
        taught=taught(real, apart, generated, spec, options.target, seed=seed),
    )
    write_summary(folder / "summary.json", model.result, outcome, data.source)
    _show(comparison_table(columns, real, generated), outcome, folder)
    return generated


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
        command = shlex.join([_python(), "-m", "demo", *arguments, *where])
        print(f"\nStopped. The run goes on with: {command}")
        raise
    finally:
        if options.out is None:
            with suppress(OSError):  # there is something in it
                folder.rmdir()


def _python() -> str:
    """What starts this interpreter here: that of a virtual environment need not be on the path."""
    program = sys.executable or "python"
    name = Path(program).name
    if which(name) == program:
        return name
    below = Path(program).is_relative_to(Path.cwd()) and Path(program).parent != Path.cwd()
    return str(Path(program).relative_to(Path.cwd())) if below else program


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {folder}: {error.strerror}; name a folder to write to") from error
    return folder


def _show(table: pd.DataFrame, outcome: Outcome, folder: Path) -> None:
    print(f"\nReal against generated:\n{table.to_string()}\n")
    print("As good as real rows are (bootstrap: of real rows drawn again):")
    print(outcome.scores.dropna(axis=1).to_string(float_format="{:.4f}".format))
    print(f"copied rows: {outcome.copies:.1%}")
    if outcome.taught:
        print("Gradient boosting, asked about the rows held back; another seed holds back others:")
    for name, value in outcome.taught.items():
        print(f"{name}: {value:.3f}")
    print(f"\nAll of this run is in {folder}:\n{contents(folder)}")
    if (folder / REPORT).exists():
        print(f"\nTo see how it went, open {(folder / REPORT).absolute().as_uri()}")


def _quieten(loggers: Sequence[str]) -> None:
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    gc.set_threshold(50_000)  # the libraries are a million objects: to walk them often takes 2 s
    sys.exit(main())
