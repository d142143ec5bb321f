"""The command line of the demo."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, final, get_args

from artifact_torch.tables import Kind
from demo.config.config import DEFAULT_CONFIG, MODELS, DemoConfig, ModelName, load_config
from demo.data.reading import Reading

_NO_CHOICE: Final = "identifier"  # asks for one: what is to become of the column?
_KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in get_args(Kind) if kind != _NO_CHOICE}


@final
@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line."""

    config: Path
    data: Reading | None
    kinds: Mapping[str, Kind]
    target: str | None
    model: ModelName | None
    steps: int | None
    seed: int | None
    device: str
    out: Path | None


def parse(arguments: Sequence[str] | None = None) -> Options:
    """The options; leaves with exit status 2 and a usage line for wrong ones."""
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Learn a table, make new rows of it, and compare them."
    )
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="a JSON file")
    parser.add_argument("--data", type=Path, help="a CSV file with a header line")
    parser.add_argument(
        "--na", nargs="+", action="extend", metavar="WORD", help="what stands for a missing value"
    )
    parser.add_argument("--separator", help="of the file's cells; found by itself")
    parser.add_argument("--encoding", help="of the file; found by itself")
    parser.add_argument(
        "--kinds",
        nargs="+",
        action="extend",
        type=_kind,
        metavar="NAME=KIND",
        help=f"of a column, in place of the inferred one: {', '.join(_KINDS)}",
    )
    parser.add_argument("--target", help="a column: how well do new rows teach to predict it?")
    parser.add_argument("--model", choices=[*MODELS], help="in place of the configured one")
    parser.add_argument("--steps", type=_positive, help="at most, in place of max_n_steps")
    parser.add_argument("--seed", type=int, help="in place of the configuration's seed")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, ...")
    parser.add_argument("--out", type=Path, help="the run folder; a run in it goes on")
    given, unknown = parser.parse_known_args(arguments)
    if unknown:
        file = next((word for word in unknown if Path(word).is_file()), None)
        advice = "" if file is None else f"; a table of yours is --data {file}"
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{advice}")
    for name in ("na", "separator", "encoding", "kinds"):
        if given.data is None and getattr(given, name) is not None:
            parser.error(f"--{name} is about a --data file; give --data too")
    data = given.data and Reading(
        path=given.data,
        na=given.na or (),
        separator=given.separator and given.separator.replace("\\t", "\t"),
        encoding=given.encoding,
    )
    return Options(
        config=given.config,
        data=data,
        kinds=dict(given.kinds or ()),
        target=given.target,
        model=given.model and MODELS[given.model],
        steps=given.steps,
        seed=given.seed,
        device=given.device,
        out=given.out,
    )


def configured(options: Options) -> DemoConfig:
    """The configuration file with the options in place of its values."""
    config = load_config(options.config)
    training, architecture = config.training, config.architecture
    if options.steps is not None:
        training = replace(training, max_n_steps=options.steps)
    if options.seed is not None:
        training = replace(training, seed=options.seed)
    if options.model is not None:
        architecture = replace(architecture, model=options.model)
    return replace(config, training=training, architecture=architecture)


def _kind(text: str) -> tuple[str, Kind]:
    name, _, kind = text.rpartition("=")
    if name and kind == _NO_CHOICE:
        raise argparse.ArgumentTypeError(
            f"got {text!r}: a column that names rows is made anew, {name}=fresh; {name}=drop leaves "
            f"it out, {name}=category keeps its values"
        )
    if not name or kind not in _KINDS:
        raise argparse.ArgumentTypeError(
            f"must be NAME=KIND with one of {', '.join(_KINDS)}, got {text!r}"
        )
    return name, _KINDS[kind]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number
