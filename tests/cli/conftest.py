"""A small town for the command line: its config, its city folder and its words, all in a temporary folder."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from gateway.cli.desk import Desk
from gateway.cli.root import barrio
from gateway.config import Config, StoreConfig, load
from store import audit, schema

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
    monkeypatch.setattr("gateway.config.WORDS", tmp_path / "templates" / "sms")
    monkeypatch.chdir(tmp_path)
    return tmp_path


SERVICE = """\
service: {{name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}}
http: {{host: 127.0.0.1, port: 0}}
store: {{url: "{url}"}}
channels:
  demo: {{provider: simulator, kind: sms, address: "4040"}}
  demo-ussd: {{provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}}
broadcasts: {{approve_above: 2, price_per_segment: 0.28}}
"""


@dataclass(slots=True)
class Terminal:
    """Somebody at a keyboard: the real city and words, a store of their own, a clock that stands still."""

    config: Config
    clock: Any

    def desk(self) -> Desk:
        return Desk(path=self.config.path, clock=self.clock, known=self.config)

    def type(self, *words: str, keys: str | None = None) -> Result:
        """Run ``barrio`` with these words; ``keys`` is what is typed into it."""
        return CliRunner().invoke(barrio, [str(word) for word in words], obj=self.desk(), input=keys)

    def says(self, *words: str, keys: str | None = None) -> str:
        """What it says to a person, when all is well."""
        result = self.type(*words, keys=keys)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str) -> Any:
        """What it says to a program, when all is well."""
        return json.loads(self.says(*words, "--json"))

    def refuses(self, *words: str, keys: str | None = None, code: int = 1) -> str:
        """The one line it says when it does not do it."""
        result = self.type(*words, keys=keys)
        assert result.exit_code == code, result.output
        [line] = result.stderr.splitlines()
        return line

    def do(self, fn: Callable[[Any], Any]) -> Any:
        """One transaction behind the terminal's back."""
        return self.desk().transact(fn)

    def open(self, text: str = "no hay luz en mi calle en Alto Tacagua", number: str | None = "+59170000001") -> str:
        """File a case; return its code."""
        words = ["case", "open", "--text", text, *(["--for", number] if number else [])]
        code: str = self.json(*words)["code"]
        return code

    def acts(self) -> list[tuple[str, str, str | None]]:
        """What the audit log holds: who, what, to what; first to last."""
        entries = self.do(lambda tx: audit.entries(tx, 100))
        return [(entry.actor, entry.act, entry.subject) for entry in reversed(entries)]

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of a table, in the order of its first key."""
        of = schema.metadata.tables[table]
        wanted = sa.select(*(of.c[name] for name in columns)).order_by(*of.primary_key.columns)
        return [tuple(row) for row in self.do(lambda tx: tx.execute(wanted).all())]

    def queued(self) -> list[tuple[str, str]]:
        """The messages in the outbox: to whom, and the words."""
        return self.rows("outbound", "recipient", "text")


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The config, read once for all tests: only its store differs from test to test."""
    file = tmp_path_factory.mktemp("config") / "config.yaml"
    file.write_text(SERVICE.format(url="sqlite:///unused.db"), encoding="utf-8")
    return load(file, {})


def _terminal(loaded: Config, url: str, folder: Path, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    file = folder / "config.yaml"
    file.write_text(SERVICE.format(url=url), encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("BARRIO_CONFIG", raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "rosa")
    return Terminal(config=replace(loaded, path=file, store=StoreConfig(url=url)), clock=clock)


@pytest.fixture
def terminal(loaded: Config, store_url: str, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on each engine in turn."""
    return _terminal(loaded, store_url, tmp_path, clock, monkeypatch)


@pytest.fixture
def desktop(loaded: Config, sqlite_url: str, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on SQLite, for what does not depend on the engine."""
    return _terminal(loaded, sqlite_url, tmp_path, clock, monkeypatch)
