"""The run of a user, led many times: once without a fault, and then with one after another."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import final

from artifact_torch.errors import BrokenPromiseError, ConfigurationError
from artifact_torch.internal.arguments import listed, number, refuse
from artifact_torch.testing.asked import Answer, End, Fault, Life, Seeds
from artifact_torch.testing.hosts import Host, pickled

_MOST_LINES = 25

SAME = "a run is the same each time"


@final
class Runs:
    """Leads lives in the hosts, in turn: a run goes on in another than the one in which it died."""

    def __init__(
        self,
        make_trainer: Callable[..., object],
        folder: Path,
        hosts: Sequence[Host],
        *,
        ignore: Sequence[str],
        timeout_s: float,
    ) -> None:
        refuse([*listed("ignore", ignore), *number("timeout_s", timeout_s, least=0.1)])
        self._folder = folder
        self._ignore = tuple(ignore)
        self._timeout_s = float(timeout_s)
        self._n_folders = 0
        self.places: Sequence[str] = ()
        """What the uninterrupted run passes."""
        self._hosts = tuple(hosts)
        self._function = pickled(make_trainer)

    def begin(self) -> None:
        """The uninterrupted run, in both processes: what all others are compared with."""
        if self.places:
            return
        answers: list[Answer] = []
        for of in range(len(self._hosts)):
            end = self._led(self.new_folder(), None, of, seeds=None)
            if end.how != "finished" or end.answer is None:
                raise ConfigurationError(
                    f"make_trainer: without any fault, the run {_ended(end)}{_said(end)}"
                )
            answers.append(end.answer)
        difference = answers[-1].difference
        if difference is not None:
            raise BrokenPromiseError(
                f"{SAME}: two uninterrupted runs differ. {difference.where}: {difference.text}.\n"
                "Without a seed no run can be compared: call seed_everything(0) in make_trainer, "
                f"give loaders a seed, and leave out measured times: ignore=[{difference.where!r}]",
                promise=SAME,
                where="in two uninterrupted runs",
                field=difference.where,
            )
        self.places = answers[0].places

    def new_folder(self) -> Path:
        """Empty, for a run of its own."""
        self._n_folders += 1
        folder = self._folder / f"run_{self._n_folders:04d}"
        folder.mkdir(parents=True)
        return folder

    def led(self, folder: Path, faults: Sequence[Fault], *, first: int = 0) -> list[End]:
        """One life for each fault, in turn, until one of them ended the run as it should end."""
        ends: list[End] = []
        seeds = self._hosts[0].ready().seeds
        for of, fault in enumerate(faults, start=first):
            ends.append(self._led(folder, fault, of, seeds))
            if ends[-1].how != "killed":
                break
        return ends

    def _led(self, folder: Path, fault: Fault, of: int, seeds: Seeds | None) -> End:
        host = self._hosts[of % len(self._hosts)]
        host.ready()
        # what is never drawn from may be as it comes
        generators = ("rng.python.*", "rng.numpy.*") if seeds is None else ()
        notes = self._folder / "notes" / folder.name
        n_lives = sum(1 for _ in notes.iterdir()) if notes.exists() else 0
        life = Life(
            function=self._function,
            folder=folder,
            notes=notes / f"{n_lives}",
            fault=fault,
            outcome=self._folder / "outcome",
            ignore=(*self._ignore, *generators),
            seeds=seeds,
            timeout_s=self._timeout_s,
        )
        return host.live(life)

    def all_of(self, trials: Iterable[Callable[[], None]]) -> None:
        """Two at a time; the first that raises, in their order, is the one that is told of."""
        with ThreadPoolExecutor(len(self._hosts)) as pool:
            waiting = [pool.submit(trial) for trial in trials]
            try:
                for each in waiting:
                    each.result()
            finally:
                for each in waiting:
                    each.cancel()


def require_same(end: End, promise: str, where: str) -> Answer:
    """Raise `BrokenPromiseError` unless it ended like the uninterrupted run."""
    broken = partial(BrokenPromiseError, promise=promise, where=where)
    answer = end.answer
    if end.how != "finished" or answer is None:
        raise broken(f"{promise}: {where}, the run {_ended(end)}{_said(end)}")
    if answer.difference is not None:
        different = answer.difference
        raise broken(
            f"{promise}: {where}, the run did not end like the uninterrupted one. "
            f"{different.where}: {different.text}{_said(end)}\n"
            "A part that keeps something between batches needs state_dict and load_state_dict; "
            f"what may differ, such as a measured time, is left out by ignore=[{different.where!r}]",
            field=different.where,
        )
    return answer


def _ended(end: End) -> str:
    match end.how:
        case "raised":
            return f"ended with {end.answer.kind if end.answer else 'an error'}"
        case "timed out":
            return "did not end in time; timeout_s= gives it longer"
        case "killed":
            return f"was ended by signal {-end.code}, which no fault of the test sent"
        case _:
            return f"ended its process, with {end.code}"


def _said(end: End) -> str:
    """The last lines of the error, and the warnings."""
    if end.answer is None:
        return ""
    error = (end.answer.error or "").rstrip().splitlines()[-_MOST_LINES:]
    lines = [*error, *(f"it said: {text}" for text in end.answer.said[-3:])]
    return "".join(f"\n    {line}" for line in lines)
