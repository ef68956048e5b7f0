"""A machine that answers our answers, against a whole gateway: ten answers, silence, one flag; later ten more."""

import json
from dataclasses import dataclass, field, replace
from itertools import cycle
from urllib.parse import urlencode

import pytest

from gateway import app as house_app
from gateway.config import HOME, load
from providers.base import Request, Response
from store.schema import metadata

CONFIG = f"""
service: {{name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}}
store: {{url: "sqlite:///barrio.db"}}
city: {HOME / "city"}
channels:
  demo: {{provider: simulator, kind: sms, address: "4040"}}
  demo-ussd: {{provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}}
"""
BOT = "+59170000066"
PERSON = "+59170000001"


@dataclass(slots=True)
class Network:
    """The telephone network, with a machine at the other end that answers whatever it gets."""

    taken: list[str] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.taken.append(json.loads(request.body)["to"])
        return Response(
            status=200, headers={"content-type": "application/json"}, body=b'{"id": "n%d"}' % len(self.taken)
        )


@pytest.fixture
async def gateway(tmp_path, store_url, clock):
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    config = load(tmp_path / "config.yaml", {})
    network = Network()
    store = config.store.model_copy(update={"url": store_url})
    app = house_app.build(replace(config, store=store), clock, network)
    await app.open()
    yield app, network, clock
    await app.stop()


class Texts:
    """What comes in, each with an id of its own."""

    def __init__(self, app):
        self.app, self.count = app, 0

    async def say(self, text, sender=BOT):
        self.count += 1
        channel = self.app.channels["demo"]
        form = {"from": sender, "text": text, "id": f"in-{self.count}"}
        request = Request(
            method="POST",
            url="http://localhost/in/demo/sms",
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            event="sms",
        )
        await self.app.inbox.receive(channel.receiver.parse(request, self.app.clock.now()))
        await self.app.settle()


async def rows(app, table):
    found = metadata.tables[table]
    return await app.store.read(lambda tx: list(tx.execute(found.select())))


ECHO = ["Mensaje automatico: ahora no podemos atenderle, escriba mas tarde."]
ROTATION = ["AYUDA", "no hay agua en Sopocachi", "MENU", "hola", "poste apagado en la cancha de Alto Tacagua"]


@pytest.mark.parametrize("texts", [ECHO, ROTATION[:2], ROTATION], ids=["echo", "two texts", "five texts"])
async def test_a_bot_hears_ten_answers_then_nothing_and_staff_are_told_once(gateway, texts):
    app, network, clock = gateway
    bot, said = Texts(app), cycle(texts)
    for _ in range(40):  # it speaks on also when it hears nothing
        await bot.say(next(said))
        clock.advance(seconds=5)
    assert network.taken == [BOT] * 10
    alerts = [row for row in await rows(app, "alerts") if row.reason == "contact_silenced"]
    assert [row.subject for row in alerts] == ["contact 1"]
    assert {row.state for row in await rows(app, "inbound")} == {"done"}  # all of it is kept and acted on
    assert {row.reason for row in await rows(app, "outbound") if row.state == "cancelled"} == {"contact_limit"}
    await bot.say("hay un bache enorme en la calle, Sopocachi", sender=PERSON)
    assert network.taken == [*[BOT] * 10, PERSON]
    clock.advance(minutes=10)
    for _ in range(20):
        await bot.say(next(said))
    assert network.taken.count(BOT) == 20


async def test_in_a_day_a_bot_hears_thirty_answers_and_the_next_day_it_is_heard_again(gateway):
    app, network, clock = gateway
    bot, said = Texts(app), cycle(ROTATION)
    for _ in range(200):
        await bot.say(next(said))
        clock.advance(minutes=2)
    assert network.taken == [BOT] * 30
    clock.advance(days=1)
    await bot.say(next(said))
    assert network.taken == [BOT] * 31


async def test_two_gateways_never_answer_each_other(gateway):
    app, network, _ = gateway
    other = Texts(app)
    for _ in range(3):
        await other.say("Recibimos su caso.", sender="4040")
    assert network.taken == []
    assert {row.rule for row in await rows(app, "inbound")} == {"no_number"}
