"""What the trainer has of its clients: they are fed from the record, and it never waits for them."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, final

from artifact_torch.contracts import ResultsClient
from artifact_torch.internal.interruption import from_now_on
from artifact_torch.tracking.delivery.backlog import waiting
from artifact_torch.tracking.delivery.deliver import Patience
from artifact_torch.tracking.delivery.naming import arguments_of, class_of, names_for
from artifact_torch.tracking.delivery.process import ClientProcess
from artifact_torch.tracking.delivery.rebuilding import SHIPPED
from artifact_torch.tracking.delivery.sending import pickled
from artifact_torch.tracking.delivery.told import Told
from artifact_torch.tracking.silence import Silence

if TYPE_CHECKING:
    from artifact_torch.tracking.delivery.in_thread import ClientThread

_POLL_S = 0.02
_TO_GO_S = 2.0
_LATER = "That is done when the run goes on with this client."


@final
class Delivery:
    """Delivers the record of `folder` to each of `clients`, apart from each other.

    A client that can be pickled is sent to a process of its own, which reads the record; it costs
    training nothing. Another one (its class is of `__main__`, of a notebook, of a function) stays
    here, in a thread, and works within `moment`. Nothing raises because of a client.
    """

    def __init__(
        self,
        clients: Sequence[ResultsClient],
        folder: Path,
        *,
        patience: Patience = Patience(),  # noqa: B008 frozen
    ) -> None:
        names = names_for(clients, folder)
        self._hosts = [
            _Host(client, folder, name, patience=patience)
            for client, name in zip(clients, names, strict=True)
        ]

    def start(self) -> None:
        """Before the first step of each `train()`; returns at once."""
        for host in self._hosts:
            host.start()

    def moment(self) -> None:
        """After the record of each moment was written. Clients that stay in this process work now;
        they are waited for a second at most, and draw no random number of training's.
        """
        for host in self._hosts:
            host.moment()

    def finish(
        self, timeout_s: float = 60.0, is_interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """After the end of the run was recorded: wait until all is delivered, at most `timeout_s`
        seconds, not for clients in an outage, for those that answer nothing only as long as others
        do (see `Patience`), and no longer when `is_interrupted` becomes True. Says what is not
        delivered.
        """
        end, is_interrupted = monotonic() + timeout_s, from_now_on(is_interrupted)
        while sum(host.is_waited_for() for host in self._hosts):  # each one is asked
            if monotonic() >= end or is_interrupted():
                break
            sleep(_POLL_S)
        for host in self._hosts:
            host.stop()

    @property
    def outages(self) -> Mapping[str, str]:
        """The newest outage of each client that had one: when, why, and what is not delivered."""
        return {host.name: host.told.text for host in self._hosts if host.told.text}


@final
class _Host:
    """One client, wherever it is called: found out in a thread, since pickling runs anybody's code."""

    def __init__(
        self, client: ResultsClient, folder: Path, name: str, *, patience: Patience
    ) -> None:
        self.name = name
        self.told = Told(type(client).__name__, folder)
        self._client = client
        self._folder = folder
        self._patience = patience
        self._thread: Thread | None = None
        self._process: ClientProcess | None = None
        self._here: ClientThread | None = None
        self._is_asked = self._is_stopped = False
        self._silence: Silence | None = None

    def start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        self._process, self._is_asked, self._is_stopped = None, False, False
        self._silence = None
        self.told.begin()
        if self._here is None:
            self._thread = Thread(
                target=self._run, name=f"artifact_torch: {self.name}", daemon=True
            )
            try:
                self._thread.start()
            except RuntimeError as error:  # no new thread can be started
                self.told.leave_out(str(error))

    def _run(self) -> None:
        payload = pickled(self._client)
        folder, name, told, patience = self._folder, self.name, self.told, self._patience
        if payload is None:
            from artifact_torch.tracking.delivery.in_thread import ClientThread  # needs torch

            self._here = ClientThread(self._client, folder, name, told=told, patience=patience)
        else:
            process = ClientProcess(payload, folder, name, told=told, patience=patience)
            self._process = process
            if not self._is_stopped:  # while it was pickled
                process.run()

    def moment(self) -> None:
        if self._here is not None:
            self._here.work()

    def is_waited_for(self) -> bool:
        """Whether something is left and it gives signs of life."""
        self._silence = self._silence or Silence()
        return not self.is_done() and self._silent_s() is None

    def _silent_s(self) -> float | None:
        """For how long it was waited for, if that was for nothing."""
        part = self._process or self._here
        n_answers = 0 if part is None else part.n_answers
        patience = self._patience
        longest = patience.longest_silence if n_answers else patience.longest_start
        is_over = self._silence is not None and self._silence.lasts(n_answers) >= longest
        return longest if is_over else None

    def is_done(self) -> bool:
        """Whether nothing is left, or is not waited for; the first time it asks for it."""
        part = self._process or self._here
        if self.told.is_left_out or self._thread is None:  # it was not even started
            return True
        if part is None:
            return False
        if not self._is_asked:
            self._is_asked = True
            part.ask_to_finish()
        return part.is_finished()

    def stop(self) -> None:
        self._is_stopped = True
        silent_s = None if self.is_done() else self._silent_s()
        if self._process is not None:
            self._process.stop()
            if self._thread is not None:
                self._thread.join(_TO_GO_S)
        n_waiting = waiting(self._folder, self.name)
        if n_waiting or silent_s is not None:
            can_sync = class_of(self._client) in SHIPPED and arguments_of(self._client) is not None
            command = f"artifact-torch sync {shlex.quote(str(self._folder))} --to {self.name}"
            what = "Deliver them" if n_waiting else "Tell it"
            later = f"{what} with: {command}" if can_sync else _LATER
            self.told.say_rest(n_waiting, later, silence_s=silent_s)
