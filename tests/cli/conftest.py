"""A small town for the command line: its config, its city folder and its words, all in a temporary folder."""

from pathlib import Path

import pytest

CONFIG = """\
service:
  name: Barrio Digital
  country: BO
  timezone: America/La_Paz
  languages: [es, en]
  public_url: "http://localhost:8080"
http: {host: 127.0.0.1, port: 8080}
store: {url: "sqlite:///var/barrio.db"}
city: city
channels:
  demo: {provider: simulator, kind: sms, address: "4040"}
  demo-ussd: {provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}
quiet_hours: {from: "20:00", to: "08:00"}
followups: {confirm_after: 3d, remind_after: 3d, close_after: 14d}
broadcasts: {approve_above: 200}
outbox: {concurrency: 32, max_attempts: 6, expire_after: 24h}
"""

CATEGORIES = """\
agua: {name: {es: Agua, en: Water}, unit: Aguas, days: 5, words: {agua: 2, sin agua: 3}}
otro: {name: {es: Otro, en: Other}, unit: Atencion, days: 10}
"""

PLACES = """\
macrodistritos: {cotahuma: Cotahuma}
places:
  alto-tacagua: {name: Alto Tacagua, macrodistrito: cotahuma, aliases: [tacagua]}
"""

HOLIDAYS = """\
fixed: ["01-01", "08-06"]
easter: [-48, -47, -2]
"""

HOTLINES = """\
bomberos: {name: Bomberos, number: "119", review_by: "2027-06-30"}
"""

WORDS = {
    "es": "name: Español\nreviewed_by: un hablante\ncommands: {stop: [baja, alto]}\noptions: {yes: SI}\n",
    "en": "name: English\nreviewed_by: a speaker\ncommands: {stop: [stop]}\noptions: {yes: YES}\n",
    "ay": "name: Aymara\nreviewed_by: ''\n",
}


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which everything is right; a test then spoils one thing. Commands run from inside it."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    city = tmp_path / "city"
    city.mkdir()
    files = {"categories": CATEGORIES, "places": PLACES, "holidays": HOLIDAYS, "hotlines": HOTLINES}
    for name, text in files.items():
        (city / f"{name}.yaml").write_text(text, encoding="utf-8")
    for language, text in WORDS.items():
        folder = tmp_path / "templates" / "sms" / language
        folder.mkdir(parents=True)
        (folder / "words.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("gateway.config.HOME", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
