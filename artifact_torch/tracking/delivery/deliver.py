"""The calls of a client, in order, each made until it succeeds."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic, time
from typing import TypeVar, final

from artifact_torch.contracts import Ending, ResultsClient, RunIdentity
from artifact_torch.run_folder.exports import exported
from artifact_torch.run_folder.settings import SETTINGS
from artifact_torch.tracking.delivery.backlog import Backlog, Begin, Call, End, Results
from artifact_torch.tracking.delivery.locking import FileLock
from artifact_torch.tracking.delivery.naming import arguments_of, class_of
from artifact_torch.tracking.delivery.outage import Outage, cause_of
from artifact_torch.tracking.delivery.standing import Standing, read_standing, write_standing

T = TypeVar("T")


@final
@dataclass(frozen=True, kw_only=True)
class Patience:
    """With a client that fails, in seconds."""

    first_pause: float = 0.5
    """Before a call that raised is made again; the next ones are twice as long each."""
    longest_pause: float = 60.0
    longest_call: float = 20.0
    """A call that takes longer is taken for an outage, though nobody ends it."""
    longest_silence: float = 5.0
    """Once the run has ended: a client that answers no call for so long is not waited for."""
    longest_start: float = 30.0
    """As above of one that has answered none yet: it may load its library and connect."""


@final
class Deliverer:
    """Brings the record of `folder` to `client`; where it stands is in `tracking/<name>.json`.

    Nothing that the client raises leaves it: the call is made again by a later `deliver`, after
    pauses that grow. `tell` hears of an outage when it begins and when it ends. One process at a
    time delivers under a name; others wait for it.
    """

    def __init__(
        self,
        client: ResultsClient,
        folder: Path,
        name: str,
        *,
        tell: Callable[[Outage], object] = lambda _: None,
        patience: Patience = Patience(),
    ) -> None:
        self.n_delivered: int = 0
        """Results, by this object."""
        self.n_answers: int = 0
        """Calls that returned."""
        self._client = client
        self._folder = folder
        self._file = folder / "tracking" / f"{name}.json"
        self._tell = tell
        self._patience = patience
        self._standing = Standing()
        self._lock = FileLock(self._file.with_suffix(".lock"))
        self._backlog: Backlog | None = None
        self._is_begun = False  # this object of the client was
        self._is_unsaved = False
        self._n_failures, self._retry_at = 0, 0.0
        self._guard = Lock()  # of the next two, which a watching thread reads
        self._call: tuple[str, float] | None = None
        self._outage: Outage | None = None

    @property
    def outage(self) -> Outage | None:
        """That which lasts."""
        return self._outage

    def deliver(self, *, settled: bool = True, at_once: bool = False) -> bool:
        """Make the calls that are due, as far as the client lets us; whether nothing is left.

        Without `settled` the newest moment is left for later unless something follows it. With
        `at_once` no pause is kept. Raises KeyboardInterrupt alone.
        """
        if not at_once and monotonic() < self._retry_at:
            return False
        try:
            return self._deliver(settled=settled)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 SystemExit too: a client may raise what it likes
            self._failed(error)
            return False

    def close(self, how: Ending, reason: str, /) -> bool:
        """Deliver what is left, and tell the client how the run ended if it was not told."""
        if not self.deliver(at_once=True):
            return False
        if self._standing.run != "begun":
            return True
        try:
            if self._begins_anew():
                self._from_the_start()
                return self.close(how, reason)
            self._end(how, reason)
            self._save(durably=True)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 as above
            self._failed(error)
            return False
        return True

    def watch(self) -> None:
        """Called by another thread now and then: a call that does not return is an outage."""
        with self._guard:
            if self._call is None or self._outage is not None:
                return
            what, since = self._call
            longest = self._patience.longest_call
            if monotonic() - since >= longest:
                lasts = f"{what} has not returned for {longest:g} s"
                self._outage = Outage(since=time() - longest, cause=lasts)
                self._tell(self._outage)

    def release(self) -> None:
        """Another process may go on."""
        self._lock.release()
        self._backlog = None

    def _deliver(self, *, settled: bool) -> bool:
        backlog = self._held()
        if backlog is None:
            return False
        backlog.look()
        while (call := backlog.next(settled=settled)) is not None:
            if self._begins_anew():
                backlog = self._from_the_start()
                continue
            self._make(call)
            backlog.passed(call)
            self._is_unsaved, self._standing.sending = True, None
            if not isinstance(call, Results):
                self._save(durably=True)
        if self._is_unsaved:
            self._save()
        self._works()
        return settled

    def _held(self) -> Backlog | None:
        """None while another process delivers under this name."""
        if self._backlog is None and self._lock.acquire():
            self._standing = read_standing(self._file) or Standing()
            self._standing.client = class_of(self._client)
            self._standing.arguments = arguments_of(self._client)
            self._standing.outage = None
            self._backlog = Backlog(self._folder, self._standing)
        return self._backlog

    def _make(self, call: Call) -> None:
        match call:
            case Begin():
                digest = _digest(call.settings)
                if call.settings and digest != self._standing.settings:
                    self._called("log_settings", lambda: self._client.log_settings(call.settings))
                    self._standing.settings = digest
            case Results():
                # written before it is sent, and with it that what came before is delivered
                self._standing.sending = call.end
                self._save()
                self._called("log_results", lambda: self._client.log_results(call.results))
                self.n_delivered += len(call.results)
            case End():
                if self._is_unsaved:
                    self._save()
                self._end(call.how, call.reason)

    def _begins_anew(self) -> bool:
        """Begun now unless it is; whether it is another run there than the one that was delivered
        to, which is gone: what stood of that one says nothing of this one.
        """
        if self._is_begun:
            return False
        standing, before = self._standing, self._standing.kept
        run = RunIdentity(name=self._folder.name, folder=self._folder, kept=before)
        kept = self._called("begin", lambda: self._client.begin(run))
        standing.kept = {str(key): str(value) for key, value in kept.items()}
        is_new = bool(before) and standing.kept != before
        if is_new:
            standing.offset, standing.steps, standing.dropped = 0, {}, []
            standing.sending, standing.settings = None, ""
        standing.run, self._is_begun = "begun", True
        self._save(durably=True)
        return is_new

    def _from_the_start(self) -> Backlog:
        backlog = self._backlog = Backlog(self._folder, self._standing)
        backlog.look()
        return backlog

    def _end(self, how: Ending, reason: str) -> None:
        settings = [SETTINGS] if (self._folder / SETTINGS).is_file() else []
        for name in (*settings, *exported(self._folder)):
            log_file = partial(self._client.log_file, self._folder / name, name)
            self._called("log_file", log_file)
        self._called("end", lambda: self._client.end(how, reason))
        self._standing.run, self._is_begun = how, False

    def _called(self, what: str, call: Callable[[], T]) -> T:
        """What the client answers."""
        self._call = (what, monotonic())
        try:
            answer = call()
        finally:
            with self._guard:
                self._call = None
        self.n_answers += 1
        self._works()
        return answer

    def _works(self) -> None:
        """An outage that lasted is over."""
        with self._guard:
            over, self._outage = self._outage, None
        self._n_failures, self._standing.outage = 0, None
        if over is not None:
            self._tell(Outage(since=over.since, cause=over.cause, until=time()))

    def _failed(self, error: BaseException) -> None:
        pause = self._patience.first_pause * 2 ** min(self._n_failures, 30)
        self._retry_at = monotonic() + min(pause, self._patience.longest_pause)
        self._n_failures += 1
        cause = cause_of(error)
        with self._guard:
            begins = self._outage is None
            outage = self._outage = self._outage or Outage(since=time(), cause=cause)
        self._standing.outage = {"since": outage.since, "cause": cause}
        if begins:
            self._tell(outage)
            if self._backlog is not None:
                try:
                    self._save()
                except OSError:  # the next call writes it
                    self._is_unsaved = True

    def _save(self, *, durably: bool = False) -> None:
        write_standing(self._file, self._standing, durably=durably)
        self._is_unsaved = False


def _digest(settings: Mapping[str, object]) -> str:
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
