"""The phone in the browser: the same way in as a webhook, no number in an address, and what the service did."""

import asyncio
import re
from html.parser import HTMLParser

import pytest

from dialogs.cases import CaseKind
from dialogs.messages import ChannelKind, InboundMessage, MessageKind, SessionEvent, Unreadable
from gateway.config import HOME
from gateway.web import Limits, deeds
from gateway.web.simulator import EXAMPLE, PHONES
from store import StoreUnavailable, cases, contacts, messages, outbox, phone
from store.contacts import Seen
from store.messages import Direction, Settled
from store.outbox import NewOutbound
from tests.web.gate import LINES, PERSON, WORDS

FIRST, SECOND = (each["number"] for each in PHONES)
SMS_ONLY = {"demo": LINES["demo"]}
MIXED = {"at": LINES["at"], "dial": {**LINES["demo-ussd"], "speaks_through": "at"}}


CASE = {
    "code": "482105930",
    "kind": CaseKind.GRIEVANCE,
    "category": "luz",
    "place": None,
    "location_text": "",
    "description": "no hay luz",
    "unit": "Alumbrado",
    "confidential": False,
    "priority": False,
    "draft": False,
    "channel": "demo",
    "actor": "resident",
}


class Down:
    """A store that cannot be read."""

    async def read(self, _fn):
        raise StoreUnavailable("disconnected")


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


async def page(gate, path="/simulator"):
    async with gate.session.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        return await answer.text()


def send(gate, path, fields, **headers):
    return gate.session.post(path, json=fields, headers=headers)


def say(tx, clock, channel, text, *, rule=None, number=FIRST, key="1"):
    """Keep an inbound message as the inbox would."""
    seen = Seen(msisdn=number, language="es", sms_channel="demo", at=clock.now())
    person = contacts.ensure(tx, [seen])[number]
    heard = InboundMessage(
        channel=channel, external_id=key, sender=number, recipient="4040", text=text, received_at=clock.now()
    )
    (ident,) = messages.record(tx, [(heard, person.id)])
    messages.settle(tx, [Settled(id=ident, state="done", rule=rule)])
    return person.id, ident


def reply(tx, clock, channel, text, person, cause, **more):
    fields = {"kind": MessageKind.REPLY, "segments": 1, "created_at": clock.now(), "template": "report/thanks", **more}
    new = NewOutbound(channel=channel, contact_id=person, recipient=FIRST, text=text, in_reply_to=cause, **fields)
    return outbox.queue(tx, [new])


async def test_the_page_is_spanish_plain_and_our_own(gate):
    drawn = await page(gate)
    tags = Tags(drawn)
    assert tags.named("html") == [{"lang": "es"}]
    assert len(tags.named("h1")) == 1
    for tag, attrs in tags.tags:
        assert tag != "style"
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("src", "href", "action"):
            assert (attrs.get(name) or "/").startswith(("/", "#")), (tag, attrs)
    assert all(attrs["src"].startswith("/static/") for attrs in tags.named("script"))
    assert "*384*40#" in drawn
    assert "4040" in drawn
    assert len(drawn) < 60_000


async def test_everything_that_is_pressed_or_filled_has_a_name(gate):
    drawn = await page(gate)
    tags = Tags(drawn)
    labelled = {attrs["for"] for attrs in tags.named("label")}
    for attrs in tags.named("input") + tags.named("textarea"):
        assert attrs.get("type") == "hidden" or attrs["id"] in labelled
    buttons = re.findall(r"<button([^>]*)>(.*?)</button>", drawn, re.DOTALL)
    assert len(buttons) > 18
    for attributes, inside in buttons:
        assert "aria-label=" in attributes or re.sub(r"<[^>]+>", "", inside).strip()


async def test_a_number_is_never_part_of_an_address(gate):
    for path in ("/simulator", "/simulator?phone=2"):
        for _, attrs in Tags(await page(gate, path)).tags:
            for name in ("href", "src", "action"):
                assert "591" not in (attrs.get(name) or "")


@pytest.mark.parametrize(
    ("query", "number"), [("", FIRST), ("?phone=1", FIRST), ("?phone=2", SECOND), ("?phone=x", FIRST)]
)
async def test_the_second_phone_can_be_taken_without_script(gate, query, number):
    tags = Tags(await page(gate, "/simulator" + query))
    assert [attrs["data-number"] for attrs in tags.named("a") if attrs.get("aria-current")] == [number]
    assert [attrs["value"] for attrs in tags.named("input") if attrs.get("name") == "phone"] == [
        "2" if number == SECOND else "1"
    ]


async def test_an_empty_phone_says_why_it_is_empty(gate):
    drawn = await page(gate)
    assert "No hay mensajes." in drawn
    assert "Todavía nada" in drawn
    assert EXAMPLE in drawn


async def test_without_a_simulator_line_there_is_no_phone(open_gate):
    gate = await open_gate(lines={"at": LINES["at"]})
    for path in ("/", "/simulator"):
        async with gate.session.get(path) as answer:
            assert answer.status == 404
    async with send(gate, "/simulator/sms", {"from": FIRST, "text": "hola"}) as answer:
        assert answer.status == 404


async def test_the_front_door_leads_to_the_phone(gate):
    async with gate.session.get("/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/simulator")


async def test_an_sms_takes_the_way_of_a_webhook(gate):
    async with send(gate, "/simulator/sms", {"from": PERSON, "text": WORDS}) as answer:
        assert (answer.status, await answer.json()) == (200, {})
    async with gate.form("/in/demo/sms", {"from": PERSON, "text": WORDS}) as answer:
        assert answer.status == 200
    here, there = gate.inbox.items
    assert here == there
    assert (here.channel, here.sender, here.recipient, here.text) == ("demo", PERSON, "4040", WORDS)
    assert gate.counted['barrio_inbound_total{channel="demo",outcome="taken"}'] == 2


async def test_without_script_the_form_is_answered_with_the_page(gate):
    fields = {"phone": "2", "text": WORDS, "from": "+59170008888"}
    async with gate.session.post("/simulator/sms", data=fields, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/simulator?phone=2")
    assert [(item.sender, item.text) for item in gate.inbox.items] == [(SECOND, WORDS)]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"text=\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join([b"text=1"] * 1000), "application/x-www-form-urlencoded", 400),
        (b"<x/>", "application/xml", 415),
        (b"a" * 70_000, "application/json", 413),
    ],
)
@pytest.mark.parametrize("path", ["/simulator/sms", "/simulator/ussd", "/simulator/thread"])
async def test_bad_bodies_are_refused(gate, path, body, kind, status):
    async with gate.post(path, body, content_type=kind) as answer:
        assert answer.status == status
    assert gate.inbox.items == []


async def test_what_the_codec_cannot_read_is_kept_as_for_any_provider(gate):
    async with send(gate, "/simulator/sms", {"text": WORDS}) as answer:
        assert answer.status == 400
    assert [type(item) for item in gate.inbox.items] == [Unreadable]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/simulator/sms", "/simulator/ussd", "/simulator/thread"])
async def test_another_sites_page_cannot_press_our_keys(gate, path, site):
    async with send(gate, path, {"from": FIRST, "text": "hola"}, **{"Sec-Fetch-Site": site}) as answer:
        assert answer.status == 403
    assert gate.inbox.items == []


async def test_the_stores_trouble_is_503(gate):
    gate.inbox.trouble = StoreUnavailable("full")
    for path in ("/simulator/sms", "/simulator/ussd"):
        async with send(gate, path, {"from": FIRST, "text": "hola", "session": "1"}) as answer:
            assert answer.status == 503


async def test_a_call_goes_on_until_it_ends(gate):
    gate.inbox.screens = ["1 Reclamo\n2 Mi caso"]
    async with send(gate, "/simulator/ussd", {"from": PERSON, "session": "s1", "text": ""}) as answer:
        assert await answer.json() == {"screen": "1 Reclamo\n2 Mi caso", "ends": False}
    gate.inbox.ends = True
    async with send(gate, "/simulator/ussd", {"from": PERSON, "session": "s1", "text": "1*no hay luz ñ 💡"}) as answer:
        assert (await answer.json())["ends"] is True
    dialled, answered = gate.inbox.items
    assert (dialled.session_event, dialled.session_key, dialled.recipient) == (SessionEvent.NEW, "s1", "*384*40#")
    assert (answered.session_event, answered.history) == (SessionEvent.RESUME, "1*no hay luz ñ 💡")


async def test_hanging_up_is_told(gate):
    async with send(
        gate, "/simulator/ussd", {"from": PERSON, "session": "s1", "text": "1", "hangs_up": True}
    ) as answer:
        assert answer.status == 200
    assert [item.session_event for item in gate.inbox.items] == [SessionEvent.CLOSE]


async def test_half_a_surrogate_pair_breaks_nothing(gate):
    gate.inbox.screens = ["si"]
    for path in ("/simulator/sms", "/simulator/ussd"):
        body = b'{"from": "+59170009999", "session": "s", "text": "a\\ud83d"}'
        async with gate.post(path, body, content_type="application/json") as answer:
            assert answer.status == 200


async def test_a_late_screen_reads_as_one(open_gate):
    gate = await open_gate(limits=Limits(screen=0.01))
    gate.inbox.until = asyncio.Event()
    async with send(gate, "/simulator/ussd", {"from": PERSON, "session": "s1", "text": ""}) as answer:
        assert (await answer.json()) == {
            "screen": "Tardamos demasiado. Marque otra vez en un minuto y seguimos donde estaba.",
            "ends": True,
        }
    gate.inbox.until.set()


async def test_a_phone_shows_what_it_sent_and_what_has_come(gate, sqlite_store, clock):
    def talk(tx):
        person, cause = say(tx, clock, "demo", "no hay <luz> & agua", rule="report")
        clock.advance(seconds=2)
        arrived, _ = reply(tx, clock, "demo", "Recibimos su caso.", person, cause) + reply(
            tx, clock, "demo", "Todavía en cola", person, cause
        )
        tx.execute(outbox.outbound.update().where(outbox.outbound.c.id == arrived).values(state="delivered"))

    await sqlite_store.transact(talk)
    drawn = await page(gate)
    assert "no hay &lt;luz&gt; &amp; agua" in drawn
    assert "<luz>" not in drawn
    assert "Recibimos su caso." in drawn
    assert "Todavía en cola" not in drawn.split('id="deeds"')[0]
    assert 'data-came="1"' in drawn
    assert "10:00:02" in drawn
    assert "Entendió un reclamo nuevo" in drawn
    assert "Respondió por SMS" in drawn
    assert "entregado" in drawn
    assert "no hay &lt;luz&gt;" not in await page(gate, "/simulator?phone=2")


async def test_news_is_told_as_json_or_drawn(gate, sqlite_store, clock):
    await sqlite_store.transact(lambda tx: say(tx, clock, "demo-ussd", "1*2", rule="answer"))
    async with send(gate, "/simulator/thread", {"from": FIRST}) as answer:
        (told,) = (await answer.json())["messages"]
    assert told == {
        "direction": "in",
        "channel": "demo-ussd",
        "text": "1*2",
        "status": "done",
        "at": clock.now().isoformat(),
        "rule": "answer",
        "template": None,
        "case": None,
        "segments": None,
    }
    async with send(gate, "/simulator/thread", {"from": FIRST}, Accept="text/html") as answer:
        assert answer.content_type == "text/html"
        drawn = await answer.text()
    assert [attrs.get("id") for attrs in Tags(drawn).named("div")] == ["new-thread", "new-deeds"]
    assert "Entendió una respuesta" in drawn


async def test_the_code_of_the_last_case_is_ready_to_be_asked_for_and_resolved(gate, sqlite_store, clock):
    def talk(tx):
        person, ident = say(tx, clock, "demo", "no hay luz", rule="report")
        new = cases.NewCase(**CASE, contact_id=person, opened_at=clock.now(), due_at=clock.now())
        (case,) = cases.open_cases(tx, [new], clock.now())
        messages.settle(tx, [Settled(id=ident, state="done", rule="report", case_id=case)])

    await sqlite_store.transact(talk)
    tags = Tags(drawn := await page(gate))
    assert 'resolve <span id="code">482-105-930</span>' in drawn
    assert [attrs["data-write"] for attrs in tags.named("button") if attrs.get("id") == "ask"] == ["482-105-930"]
    assert "caso <code>482-105-930</code>" in drawn


async def test_a_page_without_its_store_is_503(open_gate):
    gate = await open_gate(store=Down())
    async with gate.session.get("/simulator") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert [line["event"] for line in gate.log] == ["page put off"]


async def test_news_of_nobody_is_a_bad_request(gate):
    async with send(gate, "/simulator/thread", {"from": 3}) as answer:
        assert answer.status == 400


async def test_a_line_that_is_not_simulated_is_not_shown(open_gate):
    gate = await open_gate(lines=SMS_ONLY)
    drawn = await page(gate)
    assert "*384*40#" not in drawn
    async with send(gate, "/simulator/ussd", {"from": FIRST, "session": "1", "text": ""}) as answer:
        assert answer.status == 404


async def test_a_phone_that_can_only_dial(open_gate):
    gate = await open_gate(lines=MIXED)
    drawn = await page(gate)
    assert "textarea" not in drawn
    async with send(gate, "/simulator/sms", {"from": FIRST, "text": "hola"}) as answer:
        assert answer.status == 404
    async with send(gate, "/simulator/thread", {"from": FIRST}, Accept="text/html") as answer:
        assert answer.status == 200


async def test_exchanges_stand_in_order_on_both_engines(store, clock):
    def talk(tx):
        person, cause = say(tx, clock, "demo", "uno")
        reply(tx, clock, "demo", "dos", person, cause)
        say(tx, clock, "demo-ussd", "", rule="dialled", key="2")
        clock.advance(seconds=1)
        reply(tx, clock, "demo", "cuatro", person, None, kind=MessageKind.NOTICE, template=None)
        say(tx, clock, "demo", "de otra", number=SECOND, key="3")

    await store.transact(talk)
    read = await store.read(lambda tx: phone.exchanges(tx, ["demo", "demo-ussd"], FIRST, 10))
    assert [(each.text, each.direction) for each in read] == [
        ("uno", Direction.IN),
        ("dos", Direction.OUT),
        ("", Direction.IN),
        ("cuatro", Direction.OUT),
    ]
    assert [each.rule for each in read] == [None, None, "dialled", None]
    last = await store.read(lambda tx: phone.exchanges(tx, ["demo"], FIRST, 1))
    assert [each.text for each in last] == ["cuatro"]
    assert await store.read(lambda tx: phone.exchanges(tx, ["demo"], "+59170000009", 9)) == []


def exchange(clock, **changed):
    fields = {
        "direction": Direction.OUT,
        "channel": "demo",
        "text": "x",
        "state": "delivered",
        "code": None,
        "rule": None,
    }
    more = {"kind": "reply", "template": "report/thanks", "segments": 2, "id": 1, "at": clock.now(), **changed}
    return phone.Exchange(**{**fields, **more})


@pytest.mark.parametrize(
    ("changed", "what", "state", "tone"),
    [
        ({}, "Respondió por SMS", "entregado", "good"),
        ({"kind": "notice", "state": "queued"}, "Avisó por SMS", "en cola", "wait"),
        ({"kind": "followup", "state": "failed"}, "Preguntó si es verdad por SMS", "no salió", "bad"),
        ({"kind": None, "state": "new-state"}, "Escribió por SMS", "new-state", "wait"),
        (
            {"direction": Direction.IN, "rule": "stop", "state": "done"},
            "Entendió que no quiere avisos",
            "atendido",
            "good",
        ),
        (
            {"direction": Direction.IN, "rule": "new-rule", "state": "silent"},
            "Recibió un mensaje",
            "guardado, sin respuesta",
            "wait",
        ),
        ({"channel": "demo-ussd", "state": "answered"}, "Respondió en la pantalla", "en pantalla", "good"),
    ],
)
def test_a_deed_in_words(clock, changed, what, state, tone):
    kinds = {"demo": ChannelKind.SMS, "demo-ussd": ChannelKind.USSD}
    (deed,) = deeds.deeds([exchange(clock, **changed)], kinds)
    assert (deed.what, deed.state, deed.tone) == (what, state, tone)
    assert deed.segments == (None if changed.get("channel") else 2)


def test_every_rule_and_every_state_has_its_words():
    sources = [*(HOME / "dialogs").rglob("*.py"), *(HOME / "gateway" / "inbound").rglob("*.py")]
    rules = {rule for path in sources for rule in re.findall(r'rule="(\w+)"', path.read_text(encoding="utf-8"))}
    assert len(rules) > 20
    assert rules <= set(deeds.RULES)
    assert {state for way, state in deeds.STATES if way is Direction.OUT} == set(outbox.State)
    assert {state for way, state in deeds.STATES if way is Direction.IN} == set(messages.InboundState)


def test_the_newest_deed_comes_first(clock):
    told = deeds.deeds([exchange(clock, code="1"), exchange(clock, code="2")], {"demo": ChannelKind.SMS})
    assert [deed.code for deed in told] == ["2", "1"]
