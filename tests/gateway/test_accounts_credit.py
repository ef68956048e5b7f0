"""What is kept of the accounts: credit and its alarm, and which listed messages we never heard. On both engines."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dialogs.messages import InboundMessage
from gateway import accounts
from gateway.config import Config, load
from store import Store, alerts, handover, messages
from store import accounts as kept
from tests.loopback import Stub, provider

CONFIG = """\
service: {{name: Barrio, country: BO, timezone: America/La_Paz, languages: [es], public_url: "https://gw.example.org"}}
store: {{url: "sqlite:///x.db"}}
channels:
  tw: {{provider: twilio, kind: sms, address: "+59170000000", account_sid: AC1, auth_token: t0ken, api: "{api}"}}
  at: {{provider: africastalking, kind: sms, address: "21512", username: u, api_key: k, secret: {secret}, api: "{api}"}}
  ussd: {{provider: africastalking, kind: ussd, address: "*384*40#", secret: {secret}, speaks_through: at}}
"""
BALANCE = "/2010-04-01/Accounts/AC1/Balance.json"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with provider() as running:
        yield running


@pytest.fixture
def config(stub: Stub, tmp_path: Path) -> Config:
    (tmp_path / "config.yaml").write_text(CONFIG.format(api=stub.url, secret="s" * 32), encoding="utf-8")
    return load(tmp_path / "config.yaml", {})


def says(stub: Stub, dollars: str | None, shillings: str | None) -> None:
    """The stub's accounts have so much left; None: they do not answer as they should."""
    stub.on("GET", BALANCE, f'{{"balance": "{dollars}", "currency": "USD"}}' if dollars else "oops")
    stub.on("GET", "/version1/user", f'{{"UserData": {{"balance": "KES {shillings}"}}}}' if shillings else "oops")


async def low(store: Store) -> list[str | None]:
    return [one.subject for one in await store.read(alerts.open_alerts) if one.reason == "low_credit"]


async def test_credit_is_kept_with_its_date(store: Store, config: Config, stub: Stub, clock: Any) -> None:
    says(stub, "12.5", "1785.50")
    found = await accounts.read_credit(store, config, clock.now())
    assert {name: (credit.amount, credit.currency) for name, credit in found.items()} == {
        "tw": (Decimal("12.5"), "USD"),
        "at": (Decimal("1785.50"), "KES"),
    }
    assert await store.read(kept.credits) == {
        "tw": kept.Reading(amount=Decimal("12.5"), currency="USD", read_at=clock.now()),
        "at": kept.Reading(amount=Decimal("1785.5"), currency="KES", read_at=clock.now()),
    }
    assert await low(store) == []


async def test_an_alarm_is_raised_when_it_falls_and_not_while_it_lies(
    store: Store, config: Config, stub: Stub, clock: Any
) -> None:
    says(stub, "9.99", "10")
    await accounts.read_credit(store, config, clock.now())
    assert await low(store) == ["tw"]
    (alert,) = await store.read(alerts.open_alerts)
    await store.transact(lambda tx: alerts.see(tx, alert.id, "ana"))
    await accounts.read_credit(store, config, clock.advance(minutes=5))
    assert await low(store) == []
    says(stub, "50", "10")
    await accounts.read_credit(store, config, clock.advance(minutes=5))
    says(stub, "3", "9")
    await accounts.read_credit(store, config, clock.advance(minutes=5))
    assert await low(store) == ["tw", "at"]


async def test_the_threshold_can_be_another(store: Store, config: Config, stub: Stub, clock: Any) -> None:
    says(stub, "99", "100")
    await accounts.read_credit(store, config, clock.now(), low=Decimal(100))
    assert await low(store) == ["tw"]


async def test_an_account_that_does_not_answer_leaves_what_was_read_last(
    store: Store, config: Config, stub: Stub, clock: Any
) -> None:
    says(stub, "50", "60")
    await accounts.read_credit(store, config, clock.now())
    before = clock.now()
    says(stub, None, "70")
    assert list(await accounts.read_credit(store, config, clock.advance(minutes=5))) == ["at"]
    found = await store.read(kept.credits)
    assert (found["tw"].read_at, found["at"].read_at) == (before, clock.now())
    says(stub, None, None)
    assert await accounts.read_credit(store, config, clock.advance(minutes=5)) == {}
    assert await store.read(kept.credits) == found


async def test_credit_and_a_held_line_do_not_disturb_each_other(
    store: Store, config: Config, stub: Stub, clock: Any
) -> None:
    until = clock.now() + timedelta(hours=1)
    await store.transact(lambda tx: handover.hold(tx, "tw", until, "http_401", clock.now()))
    assert await store.read(kept.credits) == {}
    says(stub, "50", "60")
    await accounts.read_credit(store, config, clock.now())
    assert await store.read(lambda tx: handover.held(tx, clock.now())) == {"tw": until}
    await store.transact(lambda tx: handover.hold(tx, "at", until, "405", clock.now()))
    assert (await store.read(kept.credits))["at"].amount == 60


async def test_a_bug_is_not_taken_for_trouble_of_the_account(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    async def broken(_self: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("gateway.accounts.twilio.TwilioAccount.credit", broken)
    with pytest.raises(RuntimeError):
        await accounts.read_credit(store, config, clock.now())


def text(external_id: str, words: str, at: Any, channel: str = "tw") -> InboundMessage:
    return InboundMessage(
        channel=channel,
        external_id=external_id,
        sender="+59170000001",
        recipient="+59170000000",
        text=words,
        received_at=at,
    )


async def test_only_what_never_reached_this_line_is_unheard(store: Store, clock: Any) -> None:
    heard = [text("SM1", "a", clock.now()), text("SM2", "b", clock.now(), "at")]
    await store.transact(lambda tx: messages.record(tx, [(one, None) for one in heard]))
    assert await store.read(lambda tx: kept.unheard(tx, "tw", ["SM1", "SM2", "SM3"])) == {"SM2", "SM3"}
    assert await store.read(lambda tx: kept.unheard(tx, "tw", [])) == set()


class Listing:
    """An account that lists what it is given."""

    fetches = True

    def __init__(self, *listed: InboundMessage) -> None:
        self._listed = listed

    async def missed(self, _now: object) -> tuple[InboundMessage, ...]:
        return self._listed

    credit = set_up = hears_us = missed


@pytest.mark.parametrize(
    ("words", "taken"),
    [("no hay agua", True), ("BAJA", True), ("ALTA", False), ("start", False), ("", True)],
)
async def test_an_opt_in_of_yesterday_is_not_acted_on(
    store: Store, config: Config, clock: Any, words: str, taken: bool
) -> None:
    seen, new = text("SM1", "vieja", clock.now()), text("SM2", words, clock.now())
    await store.transact(lambda tx: messages.record(tx, [(seen, None)]))
    line: Mapping[str, Any] = config.channels
    found = await accounts.missed(Listing(seen, new), line["tw"], store, config, clock.now())  # type: ignore[arg-type]
    assert (found.listed, list(found.messages), found.opt_ins) == (2, [new] if taken else [], 0 if taken else 1)
