"""A real MLflow server over a database, on loopback, that can be killed, stopped and started."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import final
from urllib.error import URLError
from urllib.request import urlopen


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@final
class MlflowServer:
    """Its data is in `folder` and outlives it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self.uri = f"http://127.0.0.1:{self._port}"
        self.database = f"sqlite:///{folder / 'mlflow.db'}"

    def start(self) -> None:
        """Returns when it answers; raises where it does not within five minutes."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
        command += ["--port", str(self._port), "--workers", "2"]
        command += ["--gunicorn-opts", "--preload"]  # its imports once, not in each worker
        command += ["--backend-store-uri", self.database]
        command += ["--artifacts-destination", str(self._folder / "artifacts")]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, cwd=self._folder, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + 300
        while not self._answers():
            if time.monotonic() > end or self._process.poll() is not None:
                self.kill()
                said = (self._folder / "server.log").read_text()
                raise AssertionError(f"the MLflow server does not answer:\n{said[-3000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self) -> None:
        """It answers nobody, until `go_on`."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.uri}/health", timeout=10) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False
