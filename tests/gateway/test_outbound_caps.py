"""What a message counts on, and that no ten minutes ever hold more than the limit, whatever the times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.messages import MessageKind
from gateway.outbound import brakes
from gateway.outbound.caps import SHARES, Caps, Reason, Scope, country_of, prefix_of
from store.brakes import Sends, Spent
from store.handover import Due
from store.outbox import State

START = datetime(2026, 3, 2, 14, tzinfo=UTC)
DAY = "2026-03-02"


@pytest.fixture(scope="session")
def caps(gateway_config):
    return Caps.of(gateway_config)


def due(recipient="+59170000001", kind=MessageKind.REPLY, broadcast_id=None):
    return Due(
        id=1,
        channel="demo",
        contact_id=1,
        recipient=recipient,
        text="hola",
        kind=kind,
        segments=1,
        state=State.QUEUED,
        attempts=0,
        doubted=False,
        in_reply_to=None,
        broadcast_id=broadcast_id,
        created_at=START,
        expires_at=None,
        opted_out=False,
        muted=False,
        stopped=False,
    )


@given(gaps=st.lists(st.integers(0, 400), max_size=60))
def test_no_ten_minutes_hold_more_than_ten(caps, gaps):
    now, sends, gone = START, Sends(), []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if brakes._personal(caps, due(), sends, now, DAY) is None:
            sends = brakes._sent(sends, now, DAY)
            gone.append(now)
    assert len(gone) <= 30
    for first in gone:
        assert sum(first <= one < first + timedelta(minutes=10) for one in gone) <= 10
    if len(gaps) <= 10:
        assert len(gone) == len(gaps)  # and nobody is silenced for less


def test_a_message_counts_on_its_line_its_country_and_its_prefix_or_broadcast(caps):
    assert [scope.name for scope in caps.scopes(due())] == ["channel demo", "country +591", "prefix +5917000"]
    assert [scope.name for scope in caps.scopes(due(broadcast_id=7))] == ["channel demo", "country +591", "broadcast 7"]
    assert [scope.name for scope in caps.scopes(due("+5491123456789"))][1] == "country abroad"


@pytest.mark.parametrize("kind", MessageKind)
def test_each_kind_may_use_its_share_and_no_segment_more(kind):
    scope = Scope(reason=Reason.CHANNEL, name="channel demo", cap=1000)
    room = 10 * SHARES[kind]
    assert scope.fits(room - 2, kind, 2)
    assert not scope.fits(room - 1, kind, 2)


def test_a_day_is_calm_while_every_kind_fits():
    scope = Scope(reason=Reason.COUNTRY, name="country +591", cap=10)
    assert scope.calm(Spent(messages=99, segments=8))
    assert not scope.calm(Spent(messages=1, segments=9))
    own = Scope(reason=Reason.CAMPAIGN, name="broadcast 1", cap=10)
    assert own.calm(Spent(segments=10))
    assert not own.calm(Spent(segments=11))


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+59170000001", "+591"),
        ("+12025550143", "+1"),
        ("+254711000000", "+254"),
        ("+881612345678", ""),  # a satellite
        ("+882161234567", ""),  # a network of no country
        ("+19005550143", ""),  # a premium number
        ("+9991234567", ""),
    ],
)
def test_where_a_number_is(number, country):
    assert country_of(prefix_of(number)) == country


def test_our_numbers_are_ours_in_every_form_and_our_lines_are_at_home(gateway_config):
    other = gateway_config.channels["other"].model_copy(update={"address": "70008888", "sender_id": "+12025550143"})
    lines = {**gateway_config.channels, "other": other}
    caps = Caps.of(replace(gateway_config, channels=lines))
    assert caps.ours == {"+59170009999", "+59170008888", "+12025550143"}
    assert caps.home == {"+591", "+1"}


def test_a_day_is_local_and_ends_at_midnight(caps):
    late = datetime(2026, 3, 3, 3, 59, 59, tzinfo=UTC)  # still Monday in La Paz
    assert caps.day(late) == DAY
    assert caps.tomorrow(late) == datetime(2026, 3, 3, 4, tzinfo=UTC)
    assert caps.day(caps.tomorrow(late)) == "2026-03-03"
