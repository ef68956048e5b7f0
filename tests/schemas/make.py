"""Write down a populated store of the present revision, for the tests of later ones: python tests/schemas/make.py

Run it at the commit of a release, from the root of the checkout, before the tables change again, and between 8 and 20
hours of La Paz: by night what is queued waits for the morning, and no test would see it go. It lives through the
demonstration's two weeks, then stops in the middle of work: conversations that wait for an answer, messages queued,
being handed over, put off and in doubt, a broadcast half queued, a request that nobody could read.
"""

import asyncio
import base64
import json
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dialogs.messages import Unreadable
from dialogs.outreach import Audience
from gateway import app
from gateway.cli import demo
from gateway.cli.desk import Desk
from gateway.cli.phone import Network, Phone, latest_case
from gateway.config import HOME, load
from gateway.work import broadcasts, merging
from store import messages, migrate
from store.schema import metadata

CONFIG = """\
service: {{name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}}
store: {{url: "sqlite:///{store}"}}
city: "{city}"
channels:
  demo: {{provider: simulator, kind: sms, address: "4040"}}
  demo-ussd: {{provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}}
broadcasts: {{approve_above: 200}}
"""


async def leave_off(desk: Desk, config_) -> None:
    """Stop in the middle of work."""
    application = app.build(config_, desk.clock, Network([]))
    await application.open()
    now = desk.clock.now()
    for number, text in ((21, "no hay agua"), (22, "la calle esta llena de basura en Pampahasi"), (23, "hola")):
        await Phone(application, f"+591700000{number}").text(text)
    await Phone(application, "+59170000025").text("482105930")
    await application.store.transact(lambda tx: merge(tx, application, now))
    odd = Unreadable(channel="demo", reason="odd", raw=b"From=%2B59170000024&Body=\xff")
    await application.store.transact(lambda tx: messages.quarantine(tx, [(odd, now)]))
    notice = {"es": "Manana se corta el agua de 8 a 12.", "en": "No water tomorrow from 8 to 12."}
    everybody = Audience(place=None)
    await application.store.transact(
        lambda tx: broadcasts.create(tx, application.house, now, "Ana", audience=everybody, texts=notice, due_at=now)
    )
    await application.store.transact(lambda tx: broadcasts.expand(tx, application.house, now))
    await application.stop()


def merge(tx, application, now) -> None:
    """Two open cases that are called the same."""
    case, into = (latest_case(tx, f"+591700000{number}").code for number in (19, 17))
    merging.merge(tx, application.house, now, "Ana", case, into=into)


def under_way(file: Path) -> None:
    """Put waiting messages where a killed process leaves them."""
    with sqlite3.connect(file) as store:
        ids = [row[0] for row in store.execute("SELECT id FROM outbound WHERE due_at IS NOT NULL ORDER BY id")]
        assert len(ids) > 6, ids
        flying = "state = 'handing_over', attempts = 1, owner = 'dead', lease_until = due_at, due_at = NULL"
        store.execute(f"UPDATE outbound SET {flying} WHERE id = {ids[0]}")  # noqa: S608
        store.execute(f"UPDATE outbound SET state = 'retry_at', attempts = 1 WHERE id = {ids[1]}")  # noqa: S608
        doubt = "state = 'in_doubt', attempts = 1, reason = 'lease_ended'"
        store.execute(f"UPDATE outbound SET {doubt} WHERE id = {ids[2]}")  # noqa: S608


def dump(file: Path) -> None:
    """All rows of all tables, one row a line; times as the integers that they are."""
    store = sqlite3.connect(file)
    [revision] = store.execute("SELECT version_num FROM alembic_version").fetchone()
    lines = []
    for table in metadata.sorted_tables:
        kinds = {column.name: type(column.type).__name__ for column in table.columns}
        for row in store.execute(f'SELECT {", ".join(map(repr, kinds))} FROM "{table.name}"'.replace("'", '"')):  # noqa: S608
            values = {name: plain(kinds[name], value) for name, value in zip(kinds, row, strict=True)}
            lines.append(json.dumps([table.name, values], ensure_ascii=False, sort_keys=True))
    (Path(__file__).parent / f"{revision}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def plain(kind: str, value):
    if value is None:
        return None
    match kind:
        case "Boolean":
            return bool(value)
        case "JSON":
            return json.loads(value)
        case "LargeBinary":
            return base64.b64encode(value).decode()
        case _:
            return value


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, file = Path(folder) / "config.yaml", Path(folder) / "barrio.db"
        path.write_text(CONFIG.format(store=file, city=HOME / "city"), encoding="utf-8")
        desk, mine = Desk(path=path), load(path, {})
        migrate(mine.store.url)
        asyncio.run(demo.live(desk, mine))
        asyncio.run(leave_off(desk, mine))
        under_way(file)
        dump(file)


if __name__ == "__main__":
    main()
