"""What a day has cost against each cap: what is told, in which order, and what waits because of it."""

import pytest

from dialogs.messages import MessageKind
from gateway.outbound.caps import Caps
from gateway.outbound.spending import BLOCKS, Use, uses
from store.brakes import Spent

REPLY, NOTICE, FOLLOWUP, BROADCAST = (
    MessageKind.REPLY,
    MessageKind.NOTICE,
    MessageKind.FOLLOWUP,
    MessageKind.BROADCAST,
)


@pytest.fixture
def told(gateway_config):
    """What is told of what was counted, under limits of ten segments a line; name, used, cap."""

    def of(spent=(), **limits):
        changed = gateway_config.limits.model_copy(update={"channel_segments": 10, **limits})
        caps = Caps(limits=changed, zone=gateway_config.service.timezone, ours=frozenset(), home=frozenset({"+591"}))
        return uses(caps, ["demo", "phone"], dict(spent))

    return of


def shown(found):
    return [(one.scope.name, one.used, one.scope.cap) for one in found]


def use(told, name, **spent):
    [one] = [one for one in told({name: Spent(**spent)}) if one.scope.name == name]
    return one


def test_our_lines_and_countries_are_told_at_nothing(told):
    assert shown(told(country_segments=50, abroad_segments=5)) == [
        ("channel demo", 0, 10),
        ("channel phone", 0, 10),
        ("country +591", 0, 50),
        ("country abroad", 0, 5),
    ]
    assert [name for name, *_ in shown(told(countries=("+54",)))][2:] == ["country +54"]


def test_all_that_was_counted_by_kind_and_the_fullest_first(told):
    spent = {
        "prefix +5917000": Spent(messages=2, segments=6),
        "broadcast 7": Spent(messages=3, segments=3),
        "channel gone": Spent(segments=1),
        "channel phone": Spent(segments=5),
    }
    found = shown(told(spent, channels={"phone": 100}, campaign_segments=9, prefix_day=4))
    assert [one for one in found if one[1]] == [
        ("channel phone", 5, 100),
        ("channel gone", 1, 10),
        ("broadcast 7", 3, 9),
        ("prefix +5917000", 2, 4),
    ]


def test_of_many_blocks_of_numbers_the_fullest(told):
    spent = {f"prefix +591700{number}": Spent(messages=number) for number in range(1, 9)}
    blocks = [one for one in told(spent) if one.scope.name.startswith("prefix")]
    assert [one.used for one in blocks] == [8, 7, 6, 5, 4]
    assert len(blocks) == BLOCKS


@pytest.mark.parametrize(
    ("segments", "percent", "held"),
    [
        (7, 70, []),
        (8, 80, [BROADCAST]),
        (9, 90, [NOTICE, FOLLOWUP, BROADCAST]),
        (10, 100, [REPLY, NOTICE, FOLLOWUP, BROADCAST]),
        (12, 120, [REPLY, NOTICE, FOLLOWUP, BROADCAST]),
    ],
)
def test_what_waits_by_how_full_a_line_is(told, segments, percent, held):
    one = use(told, "channel demo", segments=segments)
    assert (one.percent, one.held) == (percent, held)


def test_each_cap_holds_only_what_counts_on_it(told):
    assert use(told, "broadcast 7", segments=200_000).held == [BROADCAST]
    assert use(told, "prefix +5917000", messages=20_000).held == [REPLY, NOTICE, FOLLOWUP]


def test_a_cap_of_nothing_is_full(gateway_config):
    caps = Caps.of(gateway_config)
    shut = gateway_config.limits.model_copy(update={"channels": {"demo": 0}})
    one = Use(scope=Caps(limits=shut, zone=caps.zone, ours=caps.ours, home=caps.home).line("demo"), spent=Spent())
    assert (one.percent, one.held) == (100, [REPLY, NOTICE, FOLLOWUP, BROADCAST])


async def test_it_is_what_the_brakes_count(world):
    """Whatever name a brake counts under, the command knows its cap: the same scope, by name and by message."""
    person = await world.person()
    for kind, more in ((REPLY, {}), (BROADCAST, {"broadcast_id": 7})):
        await world.queue(person, kind, **more)
        await world.drain()
    caps = Caps.of(world.config)
    counted = await world.rows("spending")
    scopes = {scope.name: scope for row in await world.rows() for scope in caps.scopes(_due(row))}
    assert {row.scope for row in counted} == set(scopes)
    assert {name: caps.named(name) for name in scopes} == scopes


def _due(row):
    """Of a message only what its scopes are made of."""
    return type("Due", (), {name: getattr(row, name) for name in ("recipient", "channel", "broadcast_id")})
