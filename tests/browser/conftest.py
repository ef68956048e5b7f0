"""A real ``barrio serve`` in its own folder, and a real Chromium in front of it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, sync_playwright

from gateway.clock import SystemClock

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 90.0

CONFIG = """\
service: {{name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "{url}"}}
http: {{host: 127.0.0.1, port: {port}}}
store: {{url: "sqlite:///barrio.db"}}
channels:
  demo: {{provider: simulator, kind: sms, address: "4040"}}
  demo-ussd: {{provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}}
quiet_hours: {{from: "{quiet}", to: "{open}"}}
followups: {{confirm_after: 5s, remind_after: 3d, close_after: 14d}}
"""


@dataclass(frozen=True)
class Service:
    """A running gateway. ``case`` is what staff do in a second terminal."""

    url: str
    config: Path
    output: Path

    def case(self, *words: str) -> Any:
        asked = [sys.executable, "-m", "gateway", "case", *words, "--config", str(self.config), "--json"]
        done = subprocess.run(asked, cwd=ROOT, check=False, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_config(folder: Path) -> tuple[Path, str]:
    """Quiet hours are a minute half a day away, so that the story can be played at any time."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    quiet = SystemClock().now().astimezone(ZoneInfo("America/La_Paz")) + timedelta(hours=12)
    text = CONFIG.format(url=url, port=port, quiet=f"{quiet:%H:%M}", open=f"{quiet + timedelta(minutes=1):%H:%M}")
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder / "config.yaml", url


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=5) as answer:  # noqa: S310  our own address
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the tests of a module; each uses a telephone of its own."""
    folder = tmp_path_factory.mktemp("service")
    config, url = _write_config(folder)
    barrio = [sys.executable, "-m", "gateway"]
    subprocess.run(
        [*barrio, "migrate", "--config", str(config)], cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE
    )
    output = folder / "output"
    with (
        output.open("w") as said,
        subprocess.Popen(
            [*barrio, "serve", "--config", str(config)], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            clock = SystemClock()
            until = clock.monotonic() + PATIENCE
            while not _is_ready(url):
                assert process.poll() is None, output.read_text()
                assert clock.monotonic() < until, output.read_text()
            yield Service(url=url, config=config, output=output)
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Where pictures go: README's own with ``BARRIO_PICTURES=1``, else a folder that is thrown away."""
    folder = ROOT / "docs" / "img" if os.environ.get("BARRIO_PICTURES") else tmp_path / "img"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
