"""``barrio channel setup|status|fetch`` against a stub in the providers' place."""

import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dialogs.messages import InboundMessage
from gateway.cli.channel import channel
from gateway.cli.desk import Desk
from store import messages, phone
from store.phone import Exchange
from tests.loopback import Stub, provider

CONFIG = """\
service: {{name: Barrio, country: BO, timezone: America/La_Paz, languages: [es], public_url: "https://gw.example.org"}}
store: {{url: "sqlite:///barrio.db"}}
channels:
  tw: {{provider: twilio, kind: sms, address: "+59170000000", account_sid: AC1, auth_token: t0ken, api: "{api}"}}
"""
OTHERS = """\
  at: {{provider: africastalking, kind: sms, address: "21512", username: u, api_key: k, secret: {secret}, api: "{api}"}}
  dial: {{provider: africastalking, kind: ussd, address: "*384*40#", secret: {secret}, speaks_through: at}}
  phone: {{provider: smsgate, kind: sms, address: "+59170000009", username: u, password: p, signing_key: k, api: "{api}"}}
"""
ROOT = "/2010-04-01/Accounts/AC1"
WEBHOOK = "https://gw.example.org/in/tw/sms#rc=3&rp=all"
SECRET = "s" * 32


@pytest.fixture
def stub() -> Iterator[Stub]:
    with provider() as running:
        number = {"sid": "PN1", "sms_url": WEBHOOK, "sms_method": "POST"}
        running.on("GET", f"{ROOT}/IncomingPhoneNumbers.json", json.dumps({"incoming_phone_numbers": [number]}))
        running.on("POST", f"{ROOT}/IncomingPhoneNumbers/PN1.json", json.dumps(number))
        running.on("GET", f"{ROOT}/Balance.json", '{"balance": "12.5", "currency": "USD"}')
        running.on("GET", "/version1/user", '{"UserData": {"balance": "KES 1785.50"}}')
        lists(running, [])
        yield running


def lists(stub: Stub, found: Sequence[tuple[str, str]]) -> None:
    """Twilio lists these texts, newest first."""
    rows = [
        {
            "sid": sid,
            "body": body,
            "direction": "inbound",
            "from": "+59170000001",
            "to": "+59170000000",
            "date_sent": "Mon, 02 Mar 2026 13:00:00 +0000",
        }
        for sid, body in found
    ]
    stub.on("GET", f"{ROOT}/Messages.json", json.dumps({"messages": rows, "page": 0, "next_page_uri": None}))


@pytest.fixture
def desk(stub: Stub, tmp_path: Path, sqlite_url: str, clock: Any) -> Desk:
    assert sqlite_url.endswith("/barrio.db")
    text = (CONFIG + OTHERS).format(api=stub.url, secret=SECRET)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    return Desk(path=tmp_path / "config.yaml", clock=clock)


def run(desk: Desk, *words: str) -> Result:
    return CliRunner().invoke(channel, words, obj=desk, catch_exceptions=False)


def rows(desk: Desk, *words: str, code: int = 0) -> dict[str, Any]:
    found = run(desk, *words, "--json")
    assert found.exit_code == code
    desk.as_json = False
    return {row["channel"]: row for row in json.loads(found.stdout)}


def test_status_shows_every_line_and_what_is_left_on_it(desk: Desk) -> None:
    found = rows(desk, "status")
    assert found["tw"] == {
        "channel": "tw",
        "provider": "twilio",
        "kind": "sms",
        "address": "+59170000000",
        "credit": "12.5",
        "currency": "USD",
        "hears": True,
        "problem": None,
    }
    assert (found["at"]["credit"], found["at"]["currency"], found["at"]["hears"]) == ("1785.50", "KES", None)
    assert found["dial"]["credit"] is None
    assert found["phone"]["problem"] is None


def test_status_in_words_says_where_texts_go(desk: Desk, stub: Stub) -> None:
    said = run(desk, "status").stdout
    assert "tw (twilio sms +59170000000)\n  12.5 USD left\n  its texts come here\n" in said
    assert "phone (smsgate sms +59170000009)\n  no account to ask\n  cannot be asked\n" in said
    stub.on("GET", f"{ROOT}/IncomingPhoneNumbers.json", '{"incoming_phone_numbers": [{"sid": "PN1"}]}')
    assert "ITS TEXTS GO ELSEWHERE: barrio channel setup" in run(desk, "status", "tw").stdout


def test_trouble_with_one_line_hides_no_other(desk: Desk, stub: Stub) -> None:
    stub.on("GET", f"{ROOT}/Balance.json", '{"code": 20003}', 401)
    found = rows(desk, "status", code=1)
    assert found["tw"]["problem"] == "Twilio refused: HTTP 401, error 20003"
    assert found["at"]["credit"] == "1785.50"
    said = run(desk, "status", "tw")
    assert said.exit_code == 1
    assert "  PROBLEM: Twilio refused: HTTP 401, error 20003\n" in said.stdout
    assert run(desk, "status", "at").exit_code == 0


def test_setup_does_what_it_can_and_says_the_rest(desk: Desk, stub: Stub) -> None:
    found = rows(desk, "setup")
    assert WEBHOOK in found["tw"]["done"][0]
    assert found["tw"]["enter"] == []
    assert next(one.form for one in stub.heard if one.method == "POST")["SmsUrl"] == WEBHOOK
    assert [entry["value"] for entry in found["dial"]["enter"]] == [
        f"https://gw.example.org/in/dial/{SECRET}/ussd",
        f"https://gw.example.org/in/dial/{SECRET}/ussd/events",
    ]


def test_a_phone_is_told_of_each_webhook_by_a_command(desk: Desk, stub: Stub) -> None:
    entries = rows(desk, "setup")["phone"]["enter"]
    commands = [shlex.split(entry["value"]) for entry in entries]
    hooks = {hook["event"]: hook["url"] for hook in (json.loads(words[words.index("-d") + 1]) for words in commands)}
    status = "https://gw.example.org/in/phone/status"
    assert hooks == {
        "sms:received": "https://gw.example.org/in/phone/sms",
        "sms:sent": status,
        "sms:delivered": status,
        "sms:failed": status,
    }
    for words in commands:
        assert words[:3] == ["curl", "-u", "$PHONE_USERNAME:$PHONE_PASSWORD"]
        assert words[-1] == f"{stub.url}/webhooks"
    assert "  enter webhook for sms:received, by this command: curl -u " in run(desk, "setup", "phone").stdout


def test_a_simulator_has_nothing_to_set_up(desk: Desk) -> None:
    text = CONFIG.replace("https://gw.example.org", "http://localhost:8080").format(api="http://127.0.0.1:1")
    text += '  demo: {provider: simulator, kind: sms, address: "4040"}\n'
    desk.path.write_text(text, encoding="utf-8")
    assert run(desk, "setup", "demo").stdout == "demo (simulator sms 4040)\n  nothing to set up\n"


def test_a_line_that_is_not_there_is_said_so(desk: Desk) -> None:
    found = run(desk, "status", "twilo")
    assert found.exit_code == 1
    assert found.stderr == '"twilo" is not one of the channels: tw, at, dial, phone\n'


def thread(desk: Desk) -> list[Exchange]:
    return desk.read(lambda tx: phone.exchanges(tx, ["tw"], "+59170000001", 50))


def test_fetch_takes_what_never_came_and_lets_it_be_answered(desk: Desk, stub: Stub) -> None:
    lists(stub, [("SM2", "baja"), ("SM1", "no hay agua en Villa Copacabana")])
    assert rows(desk, "fetch") == {
        "tw": {
            "channel": "tw",
            "provider": "twilio",
            "kind": "sms",
            "address": "+59170000000",
            "listed": 2,
            "missed": 2,
            "opt_ins": 0,
            "problem": None,
        }
    }
    written = thread(desk)
    assert [one.text for one in written if one.direction == "in"] == ["no hay agua en Villa Copacabana", "baja"]
    assert any(one.direction == "out" for one in written)


def test_fetch_again_takes_nothing_twice(desk: Desk, stub: Stub) -> None:
    lists(stub, [("SM1", "no hay agua en Villa Copacabana")])
    rows(desk, "fetch")
    before = thread(desk)
    lists(stub, [("SM2", "ALTA"), ("SM1", "no hay agua en Villa Copacabana")])
    found = rows(desk, "fetch")["tw"]
    assert (found["listed"], found["missed"], found["opt_ins"]) == (2, 0, 1)
    assert thread(desk) == before
    said = run(desk, "fetch", "tw").stdout
    assert "  2 texts in 48 h, 0 of them missed and taken now\n" in said
    assert "  1 opt-ins missed and left: these people must write again\n" in said


def test_what_came_by_webhook_is_not_taken_again(desk: Desk, stub: Stub) -> None:
    came = InboundMessage(
        channel="tw",
        external_id="SM1",
        sender="+59170000001",
        recipient="+59170000000",
        text="no hay agua",
        received_at=desk.clock.now(),
    )
    desk.transact(lambda tx: messages.record(tx, [(came, None)]))
    lists(stub, [("SM1", "no hay agua")])
    assert "1 texts in 48 h, 0 of them missed" in run(desk, "fetch", "tw").stdout


def test_fetch_of_a_line_that_cannot_be_asked_is_said_so(desk: Desk) -> None:
    assert "does not say under which ids" in rows(desk, "fetch", "at", code=1)["at"]["problem"]
    assert "nobody can be asked" in rows(desk, "fetch", "phone", code=1)["phone"]["problem"]


def test_fetch_where_no_line_can_be_asked_is_said_so(desk: Desk) -> None:
    text = CONFIG.partition("  tw:")[0].format() + '  demo: {provider: simulator, kind: sms, address: "4040"}\n'
    desk.path.write_text(text.replace("https://gw.example.org", "http://localhost:8080"), encoding="utf-8")
    found = run(desk, "fetch")
    assert found.exit_code == 1
    assert found.stderr == "there is no line here whose provider can be asked for missed texts\n"
