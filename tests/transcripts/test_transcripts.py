"""Every transcript, line for line. ``make transcripts`` writes them anew; the diff is the review."""

import shutil
from pathlib import Path

import pytest

from gateway import app as house_app
from gateway.config import load
from gateway.rehearsal.clock import StageClock
from gateway.rehearsal.stage import START
from tests.transcripts.player import Carrier, Player, scripts

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
service: {name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}
store: {url: "sqlite:///barrio.db"}
city: CITY
channels:
  demo: {provider: simulator, kind: sms, address: "4040"}
  demo-ussd: {provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}
quiet_hours: {from: "20:00", to: "08:00"}
followups: {confirm_after: 3d, remind_after: 3d, close_after: 14d}
neighbours: {days: 14}
appeals: {unit: Transparencia, within: 30d}
broadcasts: {approve_above: 200}
outbox: {concurrency: 32, max_attempts: 6, expire_after: 24h}
"""


@pytest.fixture
def clock():
    """Dice that always fall on the first codes nobody has, so that a transcript can name them."""
    return StageClock(START)


@pytest.fixture
async def app(tmp_path, _migrated_sqlite, clock):
    shutil.copy(_migrated_sqlite, tmp_path / "barrio.db")
    (tmp_path / "config.yaml").write_text(CONFIG.replace("CITY", str(ROOT / "city")), encoding="utf-8")
    carrier = Carrier()
    application = house_app.build(load(tmp_path / "config.yaml", {}), clock, carrier)
    await application.open()
    yield application, carrier
    await application.stop()


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.stem)
async def test_the_transcript_goes_as_written(path, app, clock, request):
    application, carrier = app
    written = path.read_text(encoding="utf-8")
    player = Player(application, clock, carrier)
    played = await player.play("start: 2026-11-23 10:00\n" + written)
    played = played.removeprefix("start: 2026-11-23 10:00\n")
    if request.config.getoption("update_transcripts", default=False):
        path.write_text(played, encoding="utf-8")
        return
    assert played == written


def test_there_are_enough_of_them():
    assert len(scripts()) >= 30
