"""What of a record is still to be delivered, as the calls that deliver it."""

import contextlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, final

from artifact_torch.contracts import Ending, Recorded
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.run_folder.reading import RECORD, recorded
from artifact_torch.tracking.delivery.lines import Placed, new_lines, placed, placed_lines, size_of
from artifact_torch.tracking.delivery.standing import Standing, read_standing


@final
@dataclass(frozen=True, kw_only=True)
class Begin:
    """Training began or went on."""

    end: int
    settings: Mapping[str, object]


@final
@dataclass(frozen=True, kw_only=True)
class Results:
    """Of one moment."""

    end: int
    results: Sequence[Recorded]
    steps: Mapping[str, int]
    """Kind and name of each, with its step."""


@final
@dataclass(frozen=True, kw_only=True)
class End:
    """Training ended."""

    end: int
    how: Ending
    reason: str


Call: TypeAlias = Begin | Results | End


@final
class Backlog:
    """The part of a record behind `standing.offset`, which grows while training goes on.

    A result is left out where it was delivered at its step before (a run was resumed or taken
    back), and where training went back behind it before it was delivered.
    """

    def __init__(self, folder: Path, standing: Standing) -> None:
        self._folder = folder
        self._record = folder / RECORD
        self._standing = standing
        self._is_whole = size_of(self._record) >= standing.offset
        if not self._is_whole:  # another record lies there: what has a later step is new
            standing.offset, standing.dropped = 0, []
        self._scanned = standing.offset
        self._begins: list[tuple[int, int]] = []
        """Where training began again, and at which step, in what is scanned and not delivered."""
        self._lines: deque[Placed] = deque()
        self._exact: set[tuple[str, int]] = set()
        self._exact_from: int | None = None

    def look(self) -> None:
        """Sees what was written since. Raises `OSError` for a record that cannot be read."""
        while found := new_lines(self._record, self._scanned):
            for raw, end in found:
                if b'"event"' in raw:
                    line = placed(raw, end)
                    if line.event == "begin" and line.step is not None:
                        self._begins.append((end, line.step))
            self._scanned = found[-1][1]

    def next(self, *, settled: bool) -> Call | None:
        """The call that is due; None where there is none. Unless the record is `settled`, the last
        moment of it may not be written whole, and is left for later.
        """
        while (head := self._at(0)) is not None:
            match head.event:
                case "begin":
                    settings = head.line.get("settings")
                    known = settings if is_state_dict(settings) else {}
                    return Begin(end=head.end, settings=known)
                case "end":
                    reason = str(head.line.get("reason") or "")
                    return End(end=head.end, how=_ending(head.line.get("how")), reason=reason)
                case "" if head.step is not None:
                    group = self._moment(head)
                    if not settled and self._at(len(group)) is None:
                        return None
                    call = self._to_send(group)
                    if call.results:
                        return call
                    self.passed(call)
                case _:  # a failure, a damaged line, or what a later version adds
                    self._pass(head.end)
        return None

    def passed(self, call: Call) -> None:
        """It is delivered."""
        if isinstance(call, Results):
            for key, step in call.steps.items():
                self._standing.steps[key] = max(step, self._standing.steps.get(key, -1))
                if self._exact_from is not None:
                    self._exact.add((key, step))
        self._pass(call.end)

    def _at(self, index: int) -> Placed | None:
        """The line at that place of what is to be delivered."""
        while len(self._lines) <= index:
            start = self._lines[-1].end if self._lines else self._standing.offset
            if start >= self._scanned:
                return None
            more = [each for each in placed_lines(self._record, start) if each.end <= self._scanned]
            if not more:
                return None
            self._lines.extend(more)
        return self._lines[index]

    def _moment(self, head: Placed) -> list[Placed]:
        """The results that follow each other with one step."""
        group = [head]
        place = head.line.get("epoch"), head.step
        while (following := self._at(len(group))) is not None:
            if following.event or (following.line.get("epoch"), following.step) != place:
                break
            group.append(following)
        return group

    def _to_send(self, group: Sequence[Placed]) -> Results:
        results: dict[str, Recorded] = {}
        for each in group:
            step = each.step or 0
            if self._is_left_behind(step):
                continue
            if each.key in results or self._is_delivered(each.key, step):
                continue
            result = recorded(each.line, self._folder)
            if result is not None:
                results[each.key] = result
        steps = {key: result.step for key, result in results.items()}
        return Results(end=group[-1].end, results=[*results.values()], steps=steps)

    def _is_left_behind(self, step: int) -> bool:
        """Whether training begins again before `step` somewhere behind."""
        offset, dropped = self._standing.offset, self._standing.dropped
        for end, began in self._begins:
            if began < step:
                if not dropped or dropped[-1][1:] != (end, began):
                    dropped.append((offset, end, began))
                return True
        return False

    def _is_delivered(self, key: str, step: int) -> bool:
        if self._standing.steps.get(key, -1) < step:
            return False
        if not self._is_whole:
            return True
        if self._exact_from is None or step < self._exact_from:
            self._exact, self._exact_from = {*self._delivered_from(step)}, step
        return (key, step) in self._exact

    def _delivered_from(self, step: int) -> Iterator[tuple[str, int]]:
        """Kind, name and step of each result that was delivered at `step` or later."""
        at, last, dropped = 0, self._standing.offset, self._standing.dropped
        while at < last and (lines := placed_lines(self._record, at)):
            for each in lines:
                if each.end > last:
                    return
                if each.event or each.step is None or each.step < step:
                    continue
                if not any(a < each.end <= b and each.step > s for a, b, s in dropped):
                    yield each.key, each.step
            at = lines[-1].end

    def _pass(self, end: int) -> None:
        self._standing.offset = end
        while self._lines and self._lines[0].end <= end:
            self._lines.popleft()
        self._begins = [each for each in self._begins if each[0] > end]


def waiting(folder: Path, name: str) -> int:
    """Results that are recorded and not delivered under that name; those included of which it may
    turn out that they were.
    """
    standing = read_standing(folder / "tracking" / f"{name}.json") or Standing()
    at, n_waiting = standing.offset, 0
    with contextlib.suppress(OSError):
        while lines := placed_lines(folder / RECORD, at):
            n_waiting += sum(not each.event and each.step is not None for each in lines)
            at = lines[-1].end
    return n_waiting


def _ending(how: object) -> Ending:
    match how:
        case "failed":
            return "failed"
        case "killed":
            return "killed"
        case _:
            return "finished"
