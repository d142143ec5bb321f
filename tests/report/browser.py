"""A headless Chromium on this machine, driven by its command line alone."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import final

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

_AXE = ("axe_playwright_python", "axe_core_python")
"""Packages that bring axe-core, the newer one first."""

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # there is none within a container
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-features=NetworkTimeServiceQuerying",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
)


_ITS_OWN = (
    "accounts.google.com",
    "clients2.google.com",
    "redirector.gvt1.com",
    "update.googleapis.com",
)
"""Whom the browser asks for itself."""


@final
@dataclass(frozen=True, kw_only=True)
class Seen:
    """What came of opening a page."""

    dom: str
    """The document afterwards."""
    console: Sequence[str]
    """Messages, blocked requests among them."""
    asked: Sequence[str]
    """Every path that was asked for, of whatever host."""

    def told(self) -> Mapping[str, object]:
        """What the page's own test wrote into the element `told`, as JSON."""
        found = re.search(r'<pre id="told">(.*?)</pre>', self.dom, re.DOTALL)
        assert found, "the script did not end"
        content: dict[str, object] = json.loads(unescape(found[1]))
        return content


def browser() -> str | None:
    """Where one is."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def axe() -> Path | None:
    """The script of axe-core, where a package brings it."""
    for name in _AXE:
        spec = find_spec(name)
        script = Path(spec.origin or "").with_name("axe.min.js") if spec is not None else Path()
        if script.is_file():
            return script
    return None


def opened(html: str, *, dark: bool = False, width: int = 1280, script: str = "") -> Seen:
    """The page in a browser to which every host of the world is this machine. `script` is run in it
    with `axe` there, as code that may await; it returns what `told` gives.
    """
    if script:  # the policy of the page lets no other script in
        html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
        own = (
            f"(async () => {{ const told = await (async () => {{ {script} }})();"
            "const pre = document.createElement('pre'); pre.id = 'told';"
            "pre.textContent = JSON.stringify(told); document.body.append(pre); })();"
        )
        source = '<script src="/axe.js"></script>' if axe() else ""
        html = html.replace("</body>", f"{source}<script>{own}</script></body>")
    with _served(html) as (port, asked), tempfile.TemporaryDirectory() as profile:
        command = [
            *(browser() or "", *_FLAGS, f"--user-data-dir={profile}", "--dump-dom"),
            f"--host-resolver-rules=MAP * 127.0.0.1:{port}",
            f"--window-size={width},900",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"http://127.0.0.1:{port}/report.html",
        ]
        done = subprocess.run(  # noqa: S603  (our own words)
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "HOME": profile},
            timeout=120,
            check=True,
        )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Seen(dom=done.stdout, console=console, asked=asked)


@final
class _Server(ThreadingHTTPServer):
    """Has the page, and remembers what was asked for."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)


@final
class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server, script = self.server, axe()
        assert isinstance(server, _Server)
        if self.path == "/axe.js" and script is not None:
            self._answer(script.read_bytes(), "text/javascript")
            return
        if self.headers.get("Host", "").partition(":")[0] not in _ITS_OWN:
            server.asked.append(self.path)
        if self.path == "/report.html":
            self._answer(server.html.encode(), "text/html")
        else:
            self.send_error(404)

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002  (its name there)
        """Says nothing."""


@contextmanager
def _served(html: str) -> Generator[tuple[int, list[str]]]:
    server = _Server(html)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], server.asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
