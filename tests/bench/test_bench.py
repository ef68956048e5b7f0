import sqlite3
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from bench import inbound, load, twilio
from bench.inbound import Sample


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


def test_the_floor_keeps_every_message_it_answers(tmp_path: Path) -> None:
    port, file = inbound.free_port(), tmp_path / "floor.db"
    command = [sys.executable, "-m", "bench.floors", "floor", "--port", str(port), "--file", str(file)]
    with inbound.serving(command, port, core=0, log=tmp_path / "log") as floor:
        sample = inbound.play(floor, clients=64, seconds=0.2, first=0)
    assert sample.rate > 0 < sample.cpu
    with sqlite3.connect(file) as db:
        kept = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("inbound", "outbound")]  # noqa: S608
    assert kept[0] == kept[1] >= sample.rate * 0.2 - 1


def test_ratios_are_taken_within_a_round() -> None:
    def samples(*rates: float) -> list[Sample]:
        return [Sample(rate=rate, p50=1, p99=2, cpu=80) for rate in rates]

    runs = {
        ("bare", 1): samples(100, 200, 400),
        ("floor", 1): samples(50, 100, 200),
        ("gateway", 1): samples(30, 50, 80),
    }
    assert inbound.ratio(runs["gateway", 1], runs["bare", 1]) == "0.25 [0.20-0.30]"
    assert (
        inbound.table(runs).splitlines()[-1]
        == "| 1 | gateway | 50 [30-80] | 1.00 | 2.00 | 80 | 0.25 [0.20-0.30] | 0.50 [0.40-0.60] |"
    )
