"""What a good developer writes first: Flask, the SDK's validator, one commit a request. Two gunicorn workers.

Its database is set as ours is (WAL, ``synchronous=FULL``), and it keeps the rows that the floor keeps. It does no
dialog. Both cores are its own.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from bench import twilio
from bench.floors import TABLES
from bench.stage import PYTHON, Server, free_port, serving

WORKERS = 2


def application(file: str = "") -> Flask:
    """What gunicorn serves; the file of its database comes by the environment if not here."""
    file = file or os.environ["BENCH_FILE"]
    app = Flask(__name__)
    validator = RequestValidator(twilio.TOKEN)
    local = threading.local()

    def database() -> sqlite3.Connection:
        if not hasattr(local, "db"):
            local.db = sqlite3.connect(file, timeout=30)
            local.db.execute("PRAGMA synchronous=FULL")
        db: sqlite3.Connection = local.db
        return db

    @app.post(twilio.PATH)
    def sms() -> Response:
        form = request.form
        url = twilio.PUBLIC_URL + twilio.PATH
        if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
            return Response(status=403)
        sender, text, at = form["From"], form["Body"], time.time_ns()
        with database() as db:
            db.execute(
                "INSERT INTO contacts VALUES (?, ?) ON CONFLICT (msisdn) DO UPDATE SET last_seen_at = ?",
                (sender, at, at),
            )
            db.execute(
                "INSERT INTO inbound (external_id, sender, text, received_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (form["MessageSid"], sender, text, at),
            )
            db.execute("INSERT INTO outbound (recipient, text, due_at) VALUES (?, ?, ?)", (sender, text, at))
        return Response("<Response/>", mimetype="text/xml")

    return app


@contextmanager
def flask(folder: Path) -> Iterator[Server]:
    """Keep it up, on both cores."""
    file, port = folder / "flask.db", free_port()
    with closing(sqlite3.connect(file)) as db:
        db.executescript(TABLES)
    command = [
        *PYTHON, "gunicorn", "--workers", str(WORKERS), "--bind", f"127.0.0.1:{port}", "--env", f"BENCH_FILE={file}",
        "--no-control-socket", "bench.flask_peer:application()",
    ]  # fmt: skip
    with serving(command, port, core=None, log=folder / "flask.log") as server:
        yield server
