"""Any text, any order, redeliveries, expiry, acts of the office, the clock: the real service on a real store."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from gateway.config import HOME, load
from tests.walk.living import Living

CONFIG = """
service: {name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}
store: {url: "sqlite:///unused.db"}
city: CITY
channels:
  demo: {provider: simulator, kind: sms, address: "4040"}
  demo-ussd: {provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}
quiet_hours: {from: "20:00", to: "08:00"}
followups: {confirm_after: 3d, remind_after: 3d, close_after: 14d}
broadcasts: {approve_above: 200}
outbox: {concurrency: 32, max_attempts: 6, expire_after: 24h}
"""
#: How many lives, and how much happens in each. LIVES=500 is a long look, at other lives each time.
LIVES = int(os.environ.get("LIVES", "0"))
FEW, ACTS = 15, 30


@pytest.mark.timeout(0 if LIVES else 120)
def test_whatever_comes_in_whatever_order_every_promise_holds(tmp_path, sqlite_url):
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.replace("CITY", str(HOME / "city")), encoding="utf-8")
    machine = Living.bound(Path(sqlite_url.removeprefix("sqlite:///")), load(path, {}))
    many = settings(
        max_examples=LIVES or FEW,
        derandomize=not LIVES,
        phases=[Phase.generate],  # to make a life shorter takes minutes; its acts are printed as they were
        stateful_step_count=ACTS,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=many)
