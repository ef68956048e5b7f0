"""``barrio demo``: the service with two weeks of made-up life in it, on a store of its own and simulated lines only."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click
import yaml

from gateway import app
from gateway.cli import serve
from gateway.cli.desk import Desk
from gateway.cli.phone import MovedClock, Network, Phone, latest_case, simulated
from gateway.cli.shell import Command, pass_desk
from gateway.config import HOME, Config, load
from gateway.strict import read
from gateway.work import casework
from store import Tx, migrate

#: How long ago the made-up life begins, and the hour at which its days do.
_DAYS = 14
_MORNING = 9
_STAFF = "Ana"
_PORT = 8080
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """Something that happened: on which day, which telephone, and what it wrote; or what staff did to its last case."""

    day: int
    phone: int
    text: str = ""
    act: Callable[..., casework.Done] | None = None


def _fixed(reply: str) -> Callable[..., casework.Done]:
    return partial(casework.resolve, reply=reply)


_LIFE: Sequence[_Event] = (
    _Event(day=0, phone=11, text="no ay lus en mi calle en alto tacagua, el poste esta roto ase 3 dias"),
    _Event(day=0, phone=12, text="se a rebalsado el alcantarillado frente a la escuela en Villa Copacabana"),
    _Event(day=1, phone=13, text="la basura no recogen hace una semana en Pampahasi"),
    _Event(day=1, phone=11, act=partial(casework.assign, to="Cuadrilla 3")),
    _Event(day=2, phone=14, text="hay un bache grande en la calle principal de Munaypata"),
    _Event(day=2, phone=15, text="falta agua desde el lunes en Obrajes"),
    _Event(day=3, phone=11, act=_fixed("se cambio el poste y el foco")),
    _Event(day=4, phone=16, text="sugerencia: seria bueno poner basureros en la plaza de Cotahuma"),
    _Event(day=4, phone=12, act=casework.start),
    _Event(day=5, phone=13, act=_fixed("el carro basurero pasara lunes y jueves")),
    _Event(day=6, phone=11, text="1"),
    _Event(day=6, phone=11, text="5"),
    _Event(day=7, phone=17, text="las gradas de Villa San Antonio estan rotas, mi abuela se ha caido"),
    _Event(day=8, phone=13, text="no"),
    _Event(day=9, phone=18, text="perros callejeros muerden a los ninos en Achumani"),
    _Event(day=10, phone=14, act=partial(casework.not_competent, body="ABC, vias nacionales")),
    _Event(day=11, phone=19, text="mucho ruido toda la noche en el local de la esquina, Sopocachi"),
    _Event(day=12, phone=15, act=_fixed("se reparo la matriz de agua")),
    _Event(day=13, phone=20, text="no hay luz en la cancha de Alto Tacagua"),
)


@click.command(cls=Command)
@pass_desk
def demo(desk: Desk) -> None:
    """Run the service with two weeks of made-up data."""
    if not desk.path.exists():
        desk.path = HOME / "config.yaml"
    folder = desk.path.resolve().parent / "var"
    folder.mkdir(exist_ok=True)
    made = folder / "demo.yaml"
    made.write_text(_config(desk.config(demo=True)), encoding="utf-8")
    shown = Path("var/demo.yaml") if folder.parent == Path.cwd() else made
    mine = load(shown, {})
    fresh = not (folder / "demo.db").exists()
    migrate(mine.store.url)
    if fresh:
        asyncio.run(live(desk, mine))
    serve.run(desk, mine)


def _config(mine: Config) -> str:
    """Write the config of the demonstration, so that the other commands can be pointed at it too."""
    lines = simulated(mine).channels.values()
    times = mine.followups
    city = mine.path.resolve().parent / written if (written := read(mine.path).get("city")) else HOME / "city"
    made = {
        "service": {
            "name": mine.service.name,
            "country": mine.service.country,
            "timezone": mine.service.timezone.key,
            "languages": list(mine.service.languages),
            "public_url": f"http://localhost:{mine.http.port or _PORT}",
        },
        "http": {"host": "127.0.0.1", "port": mine.http.port},
        "store": {"url": "sqlite:///demo.db"},
        "city": str(city),
        "channels": {
            line.id: {"provider": line.provider, "kind": str(line.kind), "address": line.address}
            | ({"speaks_through": line.speaks_through} if line.speaks_through else {})
            for line in lines
        },
        "followups": {
            "confirm_after": f"{times.confirm_after // _SECOND}s",
            "remind_after": f"{times.remind_after // _SECOND}s",
            "close_after": f"{times.close_after // _SECOND}s",
        },
        "broadcasts": {"approve_above": mine.broadcasts.approve_above},
    }
    return "# Made by barrio demo, each time anew.\n" + yaml.safe_dump(made, allow_unicode=True, sort_keys=False)


async def live(desk: Desk, mine: Config) -> None:
    """Live through the two weeks that end now, as residents and as staff."""
    clock = MovedClock(desk.clock, -_since(desk.clock.now(), mine))
    application = app.build(mine, clock, Network([]))
    await application.open()
    try:
        today = 0
        for event in _LIFE:
            phone = Phone(application, f"+591700000{event.phone:02d}")
            await phone.wait(timedelta(days=event.day - today), clock)
            today = event.day
            if event.act is None:
                await phone.text(event.text)
            else:
                await application.store.transact(partial(_act, application, phone.number, event.act))
                await application.settle()
        await phone.wait(desk.clock.now() - clock.now(), clock)
    finally:
        await application.stop()


def _act(application: app.Application, number: str, act: Callable[..., casework.Done], tx: Tx) -> None:
    act(tx, application.house, application.clock.now(), _STAFF, latest_case(tx, number).code)


def _since(now: datetime, mine: Config) -> timedelta:
    """How long ago the morning of the first day was, on the city's clock."""
    local = now.astimezone(mine.service.timezone)
    morning = local.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    return local - morning + timedelta(days=_DAYS)
