import sqlite3
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from bench import load, results, twilio, ussd
from bench.goals import GOALS
from bench.large import Size, large_store
from bench.playing import Load, play
from bench.results import Result, Sample
from bench.stage import floor
from store import cases, contacts, open_store, sessions


@pytest.mark.parametrize("number", [0, 1, 7, 10_001])
def test_messages_are_signed_as_the_sdk_signs_them(number: int) -> None:
    head, _, body = twilio.request(number).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    assert RequestValidator(twilio.TOKEN).validate(twilio.PUBLIC_URL + twilio.PATH, form, headers["X-Twilio-Signature"])
    assert int(headers["Content-Length"]) == len(body)


def test_no_two_messages_share_an_id_and_people_write_again() -> None:
    assert twilio.fields(3)["MessageSid"] != twilio.fields(3 + twilio.PEOPLE)["MessageSid"]
    assert twilio.fields(3)["From"] == twilio.fields(3 + twilio.PEOPLE)["From"]


@pytest.mark.parametrize(
    ("seen", "is_whole"),
    [
        (b"", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    ],
)
def test_an_answer_is_counted_when_it_has_come_whole(seen: bytes, is_whole: bool) -> None:
    assert load.whole(seen) is is_whole


def test_an_answer_is_told_by_its_status_and_its_first_word() -> None:
    assert load.said(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nCON 1 x") == "200 CON"
    assert load.said(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") == "503"


def test_a_session_says_again_all_that_was_said() -> None:
    bodies = [dict(parse_qsl(hop.partition(b"\r\n\r\n")[2].decode())) for hop in ussd.conversation(0, 10)]
    assert [body.get("text", "") for body in bodies] == ["", "1", *(f"1*{text}" for text in (
        ussd.SESSIONS[0][1], "*".join(ussd.SESSIONS[0][1:])))]  # fmt: skip
    assert len({body["sessionId"] for body in bodies}) == len({body["phoneNumber"] for body in bodies}) == 1


def test_the_floor_keeps_every_message_it_answers(tmp_path: Path) -> None:
    with floor("floor", tmp_path) as server:
        values = play(server, Load(clients=64), seconds=0.2, first=0)
    assert values["rate"] > 0 < values["cpu"]
    with sqlite3.connect(tmp_path / "floor.db") as db:
        kept = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("inbound", "outbound")]  # noqa: S608
    assert kept[0] == kept[1] >= values["rate"] * 0.2 - 1


def outcome() -> Result:
    """Three rounds of three servers."""
    rates = {"bare": (100, 200, 400), "floor": (50, 100, 200), "gateway": (30, 50, 80)}
    samples = [
        Sample(case="1 client", server=server, round=number, values={"rate": rate, "p50": 1, "cpu": 80})
        for server, row in rates.items()
        for number, rate in enumerate(row, start=1)
    ]
    return Result(bench="inbound", about="x", against=["bare", "floor"], samples=samples, goals={"inbound-bare": 0.25})


def test_ratios_are_taken_within_a_round() -> None:
    assert outcome().ratios("gateway", "bare", "1 client") == [0.2, 0.25, 0.3]
    assert (
        results.table(outcome()).splitlines()[-1]
        == "| 1 client | gateway | 50 [30-80] | 1.00 [1.00-1.00] | 80 [80-80] | 0.25 [0.20-0.30] | 0.50 [0.40-0.60] |"
    )


def test_a_result_is_read_back_as_it_was_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = outcome()
    result.lines["rss"] = [(0.0, 1.5), (1.0, 2.5)]
    results.finish(result, tmp_path, 0.0)
    assert "of a bare form handler: 0.25 (≥ 0.30): NOT reached" in capsys.readouterr().out
    assert results.load(tmp_path / "inbound.json") == result


@pytest.mark.parametrize(("key", "good", "bad"), [("growth", 0.7, 0.69), ("disk", 1024, 1025)])
def test_a_goal_is_a_bound_on_its_good_side(key: str, good: float, bad: float) -> None:
    assert (GOALS[key].reached(good), GOALS[key].reached(bad)) == (True, False)
    assert not GOALS[key].reached(float("nan"))


def test_the_large_store_is_made_of_real_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.large.KEPT", tmp_path)
    path = large_store(Size(people=100, messages=400))
    assert large_store(Size(people=100, messages=400)) == path
    with sqlite3.connect(path) as db:
        counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in (  # noqa: S608
            "contacts", "inbound", "outbound", "cases", "case_events", "sessions")]  # fmt: skip
        assert counts == [100, 200, 200, 120, 120 + 3 * 96, 3]
        assert db.execute("SELECT count(*) FROM inbound JOIN contacts ON msisdn = sender AND contacts.id = contact_id"
        ).fetchone() == (200,)  # fmt: skip
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_the_store_reads_the_large_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.large.KEPT", tmp_path)
    opened = open_store(f"sqlite:///{large_store(Size(people=100, messages=400))}")
    await opened.start()
    known = await opened.read(lambda tx: contacts.by_msisdn(tx, twilio.phone(1)))
    assert known is not None
    assert known.id == 2
    assert len(await opened.read(cases.listing)) == 120
    everybody = set(range(1, 101))
    assert await opened.read(lambda tx: sessions.load(tx, everybody)) != {}
    assert set(await opened.read(lambda tx: cases.own(tx, everybody))) == everybody
    await opened.close()
