"""A store as it stands after two years: a million people, five million messages, and all that hangs on them.

Rows are written by SQL into the real tables in the order of life, with the indexes there and with keys as scattered as
carriers give them, so that the trees have grown as they would have. Built once (a few minutes), then copied: the folder
``var/`` keeps it, by the shape of its tables. A message here is one text, in or out; half are in.

The numbers are those of ``bench.twilio``, which nobody has.
"""

import argparse
import hashlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import yaml

import store
from bench import twilio
from bench.stage import KEPT, ROOT
from gateway.clock import with_check_digit

#: Exchanges (a text and its answer) that are written together.
CHUNK = 100_000
#: Microseconds from the first of them to the last, which is now: not so long that words are erased for their age.
_LIFE = 600 * 86_400_000_000

#: One statement a table. ``:first`` to ``:last`` are exchanges, ``:each`` is microseconds between two, ``:people`` how
#: many people there are. Of five exchanges three open a case; of five cases four are over.
_EXCHANGES = "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
_CASES = f"{_EXCHANGES}, c(i, k) AS (SELECT i, i / 5 * 3 + i % 5 + 1 FROM n WHERE i % 5 < 3)"
_WHO = "1 + i * 104729 % :people"
_AT = ":begun + i * :each"
_PLACE = "(SELECT name FROM temp.place WHERE id = i * 31 % (SELECT count(*) FROM temp.place))"

_ROWS = (
    f"""{_EXCHANGES} INSERT INTO inbound
      (id, channel, external_id, contact_id, sender, recipient, text, session_event, received_at, state, rule, case_id)
    SELECT i + 1, 'twilio', 'SM' || lower(hex(randomblob(16))), {_WHO},
      (SELECT msisdn FROM contacts WHERE id = {_WHO}), '{twilio.OURS}',
      (SELECT said FROM temp.text WHERE id = i % (SELECT count(*) FROM temp.text)), 'none', {_AT}, 'done',
      CASE WHEN i % 5 < 3 THEN 'report' ELSE 'answer' END, CASE WHEN i % 5 < 3 THEN i / 5 * 3 + i % 5 + 1 END
    FROM n""",
    f"""{_CASES} INSERT INTO codes (code) SELECT code_of(k) FROM c""",
    f"""{_CASES} INSERT INTO cases (id, code, contact_id, kind, category, place, location_text, description, status,
      unit, confidential, priority, draft, channel, opened_at, due_at, updated_at, resolved_at, resolution_no, reply,
      outcome, last_seq, last_hash)
    SELECT k, code_of(k), {_WHO}, 'grievance', 'alumbrado', {_PLACE}, 'calle 5',
      (SELECT said FROM temp.text WHERE id = i % (SELECT count(*) FROM temp.text)),
      CASE WHEN i % 25 < 20 THEN 'closed' ELSE 'received' END, 'Alumbrado', 0, 0, 0, 'twilio', {_AT},
      {_AT} + 432000000000, {_AT}, CASE WHEN i % 25 < 20 THEN {_AT} + 400000000000 END,
      CASE WHEN i % 25 < 20 THEN 1 ELSE 0 END, CASE WHEN i % 25 < 20 THEN 'Poste reparado.' ELSE '' END,
      CASE WHEN i % 25 < 20 THEN 'confirmed' END, CASE WHEN i % 25 < 20 THEN 4 ELSE 1 END,
      lower(hex(randomblob(32)))
    FROM c""",
    f"""{_CASES} INSERT INTO case_events (case_id, seq, at, actor, what, data, hash)
    SELECT k, 1, {_AT}, 'resident', 'opened',
      '{{"status": "received", "channel": "twilio", "category": "alumbrado"}}', lower(hex(randomblob(32))) FROM c""",
    f"""{_CASES} INSERT INTO promises (case_id, due_at, reason, made_at)
    SELECT k, {_AT} + 432000000000, 'opened', {_AT} FROM c""",
    f"""{_EXCHANGES} INSERT INTO outbound (channel, contact_id, recipient, text, kind, template, segments, in_reply_to,
      case_id, state, priority, created_at, expires_at, attempts, external_id, handed_at, settled_at)
    SELECT 'twilio', {_WHO}, (SELECT msisdn FROM contacts WHERE id = {_WHO}),
      'Recibimos su reclamo: alumbrado, Alto Tacagua. Su codigo es 482105930; respondemos hasta el lunes 24.',
      'reply', 'report/thanks', 1, i + 1, CASE WHEN i % 5 < 3 THEN i / 5 * 3 + i % 5 + 1 END, 'delivered', 0,
      {_AT}, {_AT} + 86400000000, 1, 'SM' || lower(hex(randomblob(16))), {_AT}, {_AT}
    FROM n""",
    # Life goes on for those that are over: what happened to them comes later, in the middle of their tree.
    f"""{_CASES}, s(seq, what) AS (VALUES (2, 'planned'), (3, 'resolved'), (4, 'closed'))
    INSERT INTO case_events (case_id, seq, at, actor, what, data, hash)
    SELECT k, seq, {_AT} + seq * 100000000000, 'cli:staff', what, '{{}}', lower(hex(randomblob(32)))
    FROM c, s WHERE i % 25 < 20""",
    f"""{_CASES} INSERT INTO followups (case_id, resolution_no, kind, due_at, status)
    SELECT k, 1, 'confirm', {_AT} + 600000000000, 'answered' FROM c WHERE i % 25 < 20""",
)
_PEOPLE = f"""WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :people)
    INSERT INTO contacts (id, msisdn, language, place, sms_channel, created_at, last_seen_at)
    SELECT i + 1, '+5917000' || printf('%06d', i * {twilio.STRIDE} % {twilio.MOST_PEOPLE}), 'es',
      CASE WHEN i % 10 < 7 THEN {_PLACE} END, 'twilio', {_AT}, :begun + {_LIFE} / 100 * (i % 99)
    FROM n"""
_OPEN = """INSERT INTO sessions (contact_id, dialog, step, answers, misses, page, updated_at, expires_at)
    SELECT id, 'report', 'place', '{"description": "no hay agua desde ayer", "category": "agua"}', 0, 0,
      :now, :now + 172800000000
    FROM contacts WHERE id % 30 = 0"""  # fresh ones: none is over when the service starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a store is: people, and messages both ways."""

    people: int
    messages: int


LARGE = Size(people=1_000_000, messages=5_000_000)
SMALL = Size(people=1_000, messages=5_000)


def large_store(size: Size) -> Path:
    """Give the path of a store of this size, closed and whole; build it if it is not there."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=KEPT) as folder:
        growing = Path(folder) / "growing.db"
        store.migrate(f"sqlite:///{growing}")
        path = KEPT / f"store-{size.people}-{size.messages}-{_shape(growing)}.db"
        if not path.exists():
            for old in KEPT.glob(f"store-{size.people}-{size.messages}-*"):
                old.unlink(missing_ok=True)  # of another shape of the tables
            _fill(growing, size)
            growing.rename(path)
    return path


def copy(size: Size, to: Path) -> None:
    """Put a copy of such a store at ``to``, and on disk: the first checkpoint would otherwise wait for gigabytes."""
    shutil.copy(large_store(size), to)
    with to.open("rb+") as file:
        os.fsync(file.fileno())


def _shape(empty: Path) -> str:
    """A few digits that change with the tables, and with what is written into them."""
    with closing(sqlite3.connect(empty)) as db:
        tables = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1")]
    return hashlib.sha256("\n".join([*tables, *_ROWS, _PEOPLE, _OPEN]).encode()).hexdigest()[:8]


def _fill(path: Path, size: Size) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "locking_mode = EXCLUSIVE"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        db.create_function("code_of", 1, _code, deterministic=True)
        _words(db)
        exchanges, now = size.messages // 2, time.time_ns() // 1000
        told = {"people": size.people, "begun": now - _LIFE, "each": _LIFE // exchanges}
        db.execute(_PEOPLE, {**told, "each": _LIFE // size.people})
        for first in range(0, exchanges, CHUNK):
            part = {**told, "first": first, "last": min(first + CHUNK, exchanges) - 1}
            for statement in _ROWS:
                db.execute(statement, {name: part[name] for name in part if f":{name}" in statement})
        db.execute(_OPEN, {"now": now})
        db.execute("PRAGMA journal_mode = WAL").fetchall()


def _words(db: sqlite3.Connection) -> None:
    db.execute("CREATE TEMP TABLE text (id INTEGER PRIMARY KEY, said TEXT)")
    db.execute("CREATE TEMP TABLE place (id INTEGER PRIMARY KEY, name TEXT)")
    db.executemany("INSERT INTO temp.text VALUES (?, ?)", enumerate(text.format(7) for text in twilio.TEXTS))
    db.executemany("INSERT INTO temp.place VALUES (?, ?)", enumerate(_places()))


def _places() -> Iterator[str]:
    yield from yaml.safe_load((ROOT / "city" / "places.yaml").read_text())["places"]


def _code(number: int) -> str:
    """The code of a case: scattered, and no two alike, as the clock's dice give them."""
    return with_check_digit(str(10_000_000 + number * 7_919 % 89_999_981))


def main() -> None:
    """Build it, say where it is and how large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=LARGE.people)
    parser.add_argument("--messages", type=int, default=LARGE.messages)
    asked = parser.parse_args()
    begun = time.perf_counter()
    path = large_store(Size(people=asked.people, messages=asked.messages))
    print(f"{path}: {path.stat().st_size / asked.messages:.0f} bytes a message; {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
