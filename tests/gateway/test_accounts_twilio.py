"""A Twilio account through Twilio's SDK, with a stub on loopback in Twilio's place."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dialogs.messages import ChannelKind, InboundMessage
from gateway.accounts import account_of
from gateway.accounts.base import AccountError
from gateway.accounts.twilio import TwilioAccount
from gateway.lines import ChannelConfig
from tests.loopback import Stub, provider

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROOT = "/2010-04-01/Accounts/AC1"
NUMBERS = f"{ROOT}/IncomingPhoneNumbers.json"
NUMBER = f"{ROOT}/IncomingPhoneNumbers/PN1.json"
WEBHOOK = "https://gw.example.org/in/tw/sms#rc=3&rp=all"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with provider() as running:
        yield running


def account(stub: Stub, public_url: str = "https://gw.example.org") -> TwilioAccount:
    line = ChannelConfig(
        id="tw",
        provider="twilio",
        kind=ChannelKind.SMS,
        address="+59170000000",
        account_sid="AC1",
        auth_token="t0ken",
        api=stub.url,
        secret=None,
        username=None,
        api_key=None,
        password=None,
        signing_key=None,
    )
    found = account_of(line, public_url)
    assert isinstance(found, TwilioAccount)
    return found


def number(stub: Stub, **change: Any) -> None:
    known = {"sid": "PN1", "sms_url": WEBHOOK, "sms_method": "POST", "sms_application_sid": "", **change}
    stub.on("GET", NUMBERS, json.dumps({"incoming_phone_numbers": [known], "page": 0, "next_page_uri": None}))
    stub.on("POST", NUMBER, json.dumps(known))


async def test_credit_is_an_amount_and_a_currency(stub: Stub) -> None:
    stub.on("GET", f"{ROOT}/Balance.json", '{"account_sid": "AC1", "balance": "-1.2345", "currency": "USD"}')
    credit = await account(stub).credit()
    assert (credit.amount, credit.currency) == (Decimal("-1.2345"), "USD")
    assert stub.heard[0].headers["authorization"].startswith("Basic ")


async def test_a_subaccount_tells_no_credit(stub: Stub) -> None:
    stub.on("GET", f"{ROOT}/Balance.json", '{"account_sid": "AC1"}')
    with pytest.raises(AccountError, match="tells no credit"):
        await account(stub).credit()


async def test_set_up_points_the_number_at_us_with_retries(stub: Stub) -> None:
    number(stub, sms_url="https://elsewhere.example.org/")
    made = await account(stub).set_up()
    asked, told = stub.heard
    assert asked.query["PhoneNumber"] == "+59170000000"
    assert told.path == NUMBER
    assert told.form == {"SmsUrl": WEBHOOK, "SmsMethod": "POST", "SmsApplicationSid": ""}
    assert WEBHOOK in made.done[0]
    assert made.enter == ()


async def test_set_up_wants_an_address_that_twilio_can_reach(stub: Stub) -> None:
    with pytest.raises(AccountError, match="not a public address"):
        await account(stub, "http://localhost:8080").set_up()
    assert stub.heard == []


async def test_a_number_of_another_account_is_said_so(stub: Stub) -> None:
    stub.on("GET", NUMBERS, '{"incoming_phone_numbers": [], "page": 0}')
    with pytest.raises(AccountError, match="no such number"):
        await account(stub).set_up()


@pytest.mark.parametrize(
    ("change", "hears"),
    [
        ({}, True),
        ({"sms_application_sid": None}, True),
        ({"sms_url": "https://gw.example.org/in/tw/sms"}, False),
        ({"sms_url": None}, False),
        ({"sms_method": "GET"}, False),
        ({"sms_application_sid": "AP1"}, False),
    ],
)
async def test_it_hears_us_only_as_set_up_would_make_it(stub: Stub, change: dict[str, Any], hears: bool) -> None:
    number(stub, **change)
    assert await account(stub).hears_us() is hears


def listed(sid: str, body: str | None, minutes: int, direction: str = "inbound") -> dict[str, Any]:
    sent = (NOW - timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return {
        "sid": sid,
        "direction": direction,
        "body": body,
        "from": "+59170000001",
        "to": "+59170000000",
        "date_sent": sent,
        "status": "received",
    }


async def test_missed_texts_come_oldest_first_under_the_webhook_s_own_ids(stub: Stub) -> None:
    messages = [listed("SM3", None, 1), listed("SM2", "x", 2, "outbound-api"), listed("SM1", "no hay\0 agua", 3)]
    stub.on("GET", f"{ROOT}/Messages.json", json.dumps({"messages": messages, "page": 0, "next_page_uri": None}))
    found = await account(stub).missed(NOW)
    assert found == [
        InboundMessage(
            channel="tw",
            external_id=sid,
            sender="+59170000001",
            recipient="+59170000000",
            text=text,
            received_at=NOW,
            sent_at=NOW - timedelta(minutes=minutes),
        )
        for sid, text, minutes in (("SM1", "no hay agua", 3), ("SM3", "", 1))
    ]
    query = stub.heard[0].query
    assert query["To"] == "+59170000000"
    assert query["DateSent>"].startswith("2026-11-21T12:00:00")


async def test_missed_texts_are_read_to_the_last_page(stub: Stub) -> None:
    more = f"{ROOT}/More.json"
    stub.on(
        "GET",
        f"{ROOT}/Messages.json",
        json.dumps({"messages": [listed("SM2", "b", 1)], "page": 0, "next_page_uri": f"{more}?Page=1"}),
    )
    stub.on("GET", more, json.dumps({"messages": [listed("SM1", "a", 2)], "page": 1, "next_page_uri": None}))
    assert [message.external_id for message in await account(stub).missed(NOW)] == ["SM1", "SM2"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, '{"code": 20003, "message": "+59170000001"}', "Twilio refused: HTTP 401, error 20003"),
        (503, "<html>", "Twilio refused: HTTP 503, error 503"),
        (200, "oops", "Twilio answered something that its SDK does not understand"),
        (200, "[]", "Twilio answered something that its SDK does not understand"),
        (200, '{"balance": "much", "currency": "USD"}', "Twilio answered something that its SDK does not understand"),
        (200, '{"balance": "NaN", "currency": "USD"}', "Twilio answered something that its SDK does not understand"),
        (200, '{"balance": "1", "currency": null}', "Twilio answered something that its SDK does not understand"),
        (200, '{"balance": "1", "currency": "dollars"}', "Twilio answered something that its SDK does not understand"),
    ],
)
async def test_trouble_is_one_line_without_numbers(stub: Stub, status: int, body: str, said: str) -> None:
    stub.on("GET", f"{ROOT}/Balance.json", body, status)
    with pytest.raises(AccountError) as caught:
        await account(stub).credit()
    assert str(caught.value) == said


async def test_a_list_that_fails_half_way_is_a_refusal(stub: Stub) -> None:
    stub.on("GET", f"{ROOT}/Messages.json", '{"code": 20500}', 500)
    with pytest.raises(AccountError, match="Twilio refused"):
        await account(stub).missed(NOW)


async def test_a_provider_that_is_away_is_said_so(stub: Stub) -> None:
    there = account(stub)
    with provider() as gone:
        pass
    away = TwilioAccount(line=there.line.model_copy(update={"api": gone.url}), public_url=there.public_url)
    with pytest.raises(AccountError, match=r"Twilio cannot be reached \(ConnectionError\)"):
        await away.credit()


async def test_the_loop_goes_on_while_the_sdk_waits(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, may_go_on = threading.Event(), threading.Event()
    plain = Stub.answer

    def slow(self: Stub, method: str, path: str) -> tuple[int, str, str]:
        asked.set()
        may_go_on.wait()
        return plain(self, method, path)

    monkeypatch.setattr(Stub, "answer", slow)
    stub.on("GET", f"{ROOT}/Balance.json", '{"balance": "1", "currency": "USD"}')
    credit = asyncio.ensure_future(account(stub).credit())
    await asyncio.to_thread(asked.wait)
    assert not credit.done()
    may_go_on.set()
    assert (await credit).amount == 1


async def test_the_sdk_logs_no_address_that_holds_a_number(stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    number(stub)
    with caplog.at_level(logging.INFO):
        await account(stub).hears_us()
    assert "70000000" not in caplog.text
