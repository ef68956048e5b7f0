"""An Africa's Talking account through its SDK, and what a person must enter by hand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dialogs.messages import ChannelKind
from gateway.accounts import account_of, by_hand
from gateway.accounts.africastalking import AfricasTalkingAccount
from gateway.accounts.base import AccountError
from gateway.lines import ChannelConfig
from tests.loopback import Stub, provider

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET = "s3cr3t-of-the-path-0001"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with provider() as running:
        yield running


def line(api: str | None, kind: ChannelKind = ChannelKind.SMS, which: str = "africastalking") -> ChannelConfig:
    return ChannelConfig(
        id="at",
        provider=which,
        kind=kind,
        address="21512",
        username="gworg",
        api_key="atsk_test",
        secret=SECRET,
        api=api,
        account_sid=None,
        auth_token=None,
        password=None,
        signing_key=None,
    )


def account(stub: Stub) -> AfricasTalkingAccount:
    found = account_of(line(stub.url), "https://gw.example.org")
    assert isinstance(found, AfricasTalkingAccount)
    return found


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
async def test_credit_is_an_amount_and_a_currency(stub: Stub, kind: str) -> None:
    stub.on("GET", "/version1/user", '{"UserData": {"balance": "KES 1785.50"}}', kind=kind)
    credit = await account(stub).credit()
    assert (credit.amount, credit.currency) == (Decimal("1785.50"), "KES")
    (heard,) = stub.heard
    assert heard.query == {"username": "gworg"}
    assert heard.headers["apikey"] == "atsk_test"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, "The supplied authentication is invalid", "refused: look at username and api_key"),
        (200, "oops", "answered something that its SDK does not understand"),
        (200, "{}", "answered something that its SDK does not understand"),
        (200, '{"UserData": {"balance": "much"}}', "answered something that its SDK does not understand"),
        (200, '{"UserData": {"balance": "KES much"}}', "answered something that its SDK does not understand"),
    ],
)
async def test_trouble_is_one_line(stub: Stub, status: int, body: str, said: str) -> None:
    stub.on("GET", "/version1/user", body, status)
    with pytest.raises(AccountError) as caught:
        await account(stub).credit()
    assert str(caught.value) == f"Africa's Talking {said}"


async def test_a_provider_that_is_away_is_said_so() -> None:
    with provider() as gone:
        pass
    with pytest.raises(AccountError, match=r"cannot be reached \(ConnectionError\)"):
        await account(gone).credit()


async def test_what_it_lists_is_not_fetched(stub: Stub) -> None:
    assert not account(stub).fetches
    with pytest.raises(AccountError, match="under which ids"):
        await account(stub).missed(NOW)
    assert await account(stub).hears_us() is None
    assert stub.heard == []


async def test_its_callbacks_are_entered_by_hand_with_the_secret_in_them(stub: Stub) -> None:
    made = await account(stub).set_up()
    assert made.done == ()
    base = f"https://gw.example.org/in/at/{SECRET}"
    assert [entry.value for entry in made.enter] == [
        f"{base}/{event}" for event in ("sms", "status", "optout", "subscription")
    ]


def test_ussd_has_no_account_and_two_callbacks() -> None:
    ussd = line(None, ChannelKind.USSD)
    assert account_of(ussd, "https://gw.example.org") is None
    made = by_hand.set_up(ussd, "https://gw.example.org")
    assert [entry.value.rpartition(SECRET)[2] for entry in made.enter] == ["/ussd", "/ussd/events"]


def test_a_phone_is_told_each_of_its_webhooks() -> None:
    phone = line("http://192.0.2.10:8080", which="smsgate").model_copy(update={"secret": None})
    assert account_of(phone, "https://gw.example.org") is None
    found = {entry.what: entry.value for entry in by_hand.set_up(phone, "https://gw.example.org").enter}
    assert '"url": "https://gw.example.org/in/at/sms"' in found["webhook for sms:received, by this command"]
    assert '"url": "https://gw.example.org/in/at/status"' in found["webhook for sms:delivered, by this command"]
    assert all(command.endswith("http://192.0.2.10:8080/webhooks") for command in found.values())


def test_a_simulator_has_nothing_to_enter() -> None:
    simulator = line(None, which="simulator")
    assert account_of(simulator, "https://gw.example.org") is None
    assert by_hand.set_up(simulator, "https://gw.example.org").enter == []


async def test_credit_of_a_test_account_is_asked_of_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(self: object, timeout: tuple[float, float]) -> str:
        assert all(timeout)
        asked.append(self._baseUrl)  # type: ignore[attr-defined]
        return json.dumps({"UserData": {"balance": "KES 0"}})

    monkeypatch.setattr("gateway.accounts.africastalking.ApplicationService.fetch_application_data", fetch)
    live = "https://api.africastalking.com"
    for username in ("gworg", "sandbox"):
        mine = line(live).model_copy(update={"username": username})
        await AfricasTalkingAccount(line=mine, public_url="https://gw.example.org").credit()
    assert asked == [f"{live}/version1", "https://api.sandbox.africastalking.com/version1"]
