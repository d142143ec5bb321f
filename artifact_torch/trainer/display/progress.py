"""How a run shows where it is: a bar on a terminal or in a notebook, plain lines elsewhere."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from logging import INFO
from typing import Final, final

from torch import Tensor

from artifact_torch.contracts import AnyStep, Moment, Skipping
from artifact_torch.internal.listening import LOGGER
from artifact_torch.trainer.display.screen import (
    Bar,
    Mode,
    chosen,
    is_shown_by_logging,
    write_line,
)
from artifact_torch.trainer.run import Run

_INTERVALS_S: Final = {"bar": 0.1, "lines": 1.0}
_TOLERANCE: Final = 0.95  # whoever asks once a second by a clock of its own is never too early
_SMOOTHING: Final = 0.3  # of the newest rate, as tqdm does


@final
class Progress:
    """A bar over the batches of the epoch, or lines of the form `epoch 3/20  step 60  loss 0.43`.

    At most ten looks of the bar and one line a second; what came too early follows, the newest
    first of all, and the last at the end. Scores and `say` are also logged at INFO; where the
    user's own logging shows that on a screen, no line is written beside it.
    """

    def __init__(
        self,
        mode: Mode,
        n_batches: int,
        max_n_epochs: int | None,
        max_n_steps: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = chosen(mode)
        self.interval_s: float | None = _INTERVALS_S.get(self._kind or "")
        """How often `batches` is wanted at most, in seconds; None for never."""
        self._n_batches = n_batches
        self._max_n_epochs = max_n_epochs
        self._max_n_steps = max_n_steps
        self._clock = clock
        self._shown_at = float("-inf")
        self._waiting: str | None = None
        self._bar: Bar | None = None
        self._beside: Bar | None = None
        self._n_waiting: int | None = None
        self._where, self._n_done, self._step = "", 0, ""
        self._loss, self._rate, self._left = "", "", ""
        self._scores: dict[str, float] = {}
        self._pace = _Pace()

    @property
    def is_heard(self) -> bool:
        """Whether anything that is said is shown or logged."""
        return self._kind is not None or LOGGER.isEnabledFor(INFO)

    def batches(self, epoch: int, n_done: int, loss: Tensor | None, *, step: int) -> None:
        """So many batches of this epoch are done. Called when it is due; reading `loss` syncs."""
        now = self._clock()
        done = (epoch - 1) * self._n_batches + n_done
        bounds = {"step": self._max_n_steps}
        if self._max_n_epochs is not None:
            bounds["batch"] = self._max_n_epochs * self._n_batches
        rate, left_s = self._pace.after(now, {"batch": done, "step": step}, bounds)
        unit = "" if self._kind == "bar" else " batches"  # the bar counts nothing else
        self._where, self._n_done = _of("epoch", epoch, self._max_n_epochs), n_done
        self._count_step(step)
        self._loss = "" if loss is None else f"loss {loss.item():.4g}"
        self._rate = "" if rate is None else f"{rate:.4g}{unit}/s"
        self._left = "" if left_s is None else f"left {timedelta(seconds=round(left_s))}"
        if self._kind == "bar":
            self._draw(now)
        elif self._kind == "lines":
            batch = _of("batch", n_done, self._n_batches)
            self._put_line(
                now,
                _joined(self._where, batch, self._step, self._loss, self._rate, self._left),
                waits=False,
            )

    def moment(self, moment: Moment, scores: Mapping[str, float]) -> None:
        """What was recorded at `moment`, possibly nothing."""
        within = not moment.ends_epoch
        words = [_of("epoch", moment.epoch + within, self._max_n_epochs), f"step {moment.step}"]
        words += [f"{name} {value:.4g}" for name, value in scores.items()]
        line = _joined(*words)
        if scores:
            LOGGER.info("%s", line)
        if self._kind == "bar":
            self._scores |= scores
            self._where = words[0]
            self._count_step(moment.step)
            if moment.ends_epoch:
                self._n_done = self._n_batches
            self._draw(self._clock())
        elif self._kind == "lines" and scores and not is_shown_by_logging():
            self._put_line(self._clock(), line, waits=True)

    def say(self, text: str) -> None:
        """Lines that appear once, at once, above a bar; `text` may have several."""
        LOGGER.info("%s", text)
        if self._kind is None or is_shown_by_logging():
            return
        if self._bar is not None:
            self._bar.write_above(text)
        else:
            write_line(text)

    def waiting(self, n_done: int, n_all: int) -> None:
        """The run is over but for moments that are computed beside it: so many of them are there."""
        what = "computed beside the training"
        if self._kind == "bar" and self._is_due(self._clock()):
            if self._beside is None:
                self.close()
                self._beside = Bar(n_all)
            self._beside.show(what, n_done, "")
        elif self._kind == "lines" and self._n_waiting != n_done:
            self._n_waiting = n_done
            self.say(f"waiting for what is {what}: {n_done}/{n_all}")

    def close(self) -> None:
        """Write what is still waiting, and leave the bar as it stands."""
        if self._waiting is not None:
            self._put_line(float("inf"), self._waiting, waits=False)
        if self._bar is not None:
            self._left = ""
            self._show(self._bar)
            self._bar.close()
            self._bar = None
        if self._beside is not None:
            self._beside.close()
            self._beside = None

    def _is_due(self, now: float) -> bool:
        interval_s = self.interval_s or 0.0
        if now - self._shown_at < _TOLERANCE * interval_s:
            return False
        self._shown_at = now
        return True

    def _put_line(self, now: float, line: str, *, waits: bool) -> None:
        """`line`, or what waits since before: scores rather than how far the batches are."""
        if waits:
            self._waiting = line
        if not self._is_due(now):
            return
        line, self._waiting = self._waiting or line, None
        if is_shown_by_logging():
            LOGGER.info("%s", line)
        else:
            write_line(line)

    def _draw(self, now: float) -> None:
        if self._is_due(now):
            self._bar = self._bar or Bar(self._n_batches)
            self._show(self._bar)

    def _show(self, bar: Bar) -> None:
        scores = [f"{name} {value:.4g}" for name, value in self._scores.items()]
        words = (
            self._step,
            self._loss,
            *scores,
            self._rate,
            self._left,
        )  # a terminal cuts the last
        bar.show(self._where, self._n_done, _joined(*words))

    def _count_step(self, step: int) -> None:
        if self._max_n_steps is not None:
            self._step = _of("step", step, self._max_n_steps)


@final
class _Pace:
    """How fast a call of `train()` goes, validation included, and how long it has left."""

    def __init__(self) -> None:
        self._first: tuple[float, Mapping[str, int]] | None = None
        self._last: tuple[float, int] = (0.0, 0)
        self._rate: float | None = None

    def after(
        self, now: float, done: Mapping[str, int], bounds: Mapping[str, int | None]
    ) -> tuple[float | None, float | None]:
        """Batches in a second of late, and the seconds to the nearest bound at the pace so far."""
        if self._first is None:
            self._first, self._last = (now, done), (now, done["batch"])
            return None, None
        seconds, n_new = now - self._last[0], done["batch"] - self._last[1]
        if seconds > 0:
            newest = n_new / seconds
            before = newest if self._rate is None else self._rate
            self._rate = _SMOOTHING * newest + (1 - _SMOOTHING) * before
            self._last = (now, done["batch"])
        began, then = self._first
        left_s = [
            (now - began) / (done[what] - then[what]) * max(bound - done[what], 0)
            for what, bound in bounds.items()
            if bound is not None and done[what] > then[what]
        ]
        return self._rate, min(left_s, default=None)


def _joined(*fields: str) -> str:
    return "  ".join(filter(None, fields))


def _of(what: str, n: int, bound: int | None) -> str:
    """`epoch 3/20`, or `epoch 3` where there is no bound."""
    return f"{what} {n}" if bound is None else f"{what} {n}/{bound}"


def say_nothing_was_left(run: Run) -> None:
    """A call of `train()` that trained no epoch would look like one that did."""
    LOGGER.warning(
        "train: nothing was left to train: %s; go on with stoppers that stop later, "
        "train(stop=[EpochBoundStopper(max_n_epochs=%d)])",
        run.stop_reason,
        run.state.n_epochs_elapsed + 10,
    )


def summarize(progress: Progress, run: Run, run_folder: str | None, *, step: AnyStep) -> None:
    """One line about the whole run, with the place of its results; the steps of an epoch that was
    interrupted are counted too.
    """
    skipped = step.n_skipped if isinstance(step, Skipping) else 0
    training, validation, rest = run.seconds.values()
    progress.say(
        f"{run.stop_reason}: {run.state.n_epochs_elapsed} epochs, {step.n_steps} steps"
        + (f" ({skipped} left out: not finite)" if skipped else "")
        + f"; "
        f"{training:.1f} s training, {validation:.1f} s validation, {rest:.1f} s else"
        + (f"; results: {run_folder}" if run_folder else "")
    )
