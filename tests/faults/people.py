"""A gateway, its providers and the people who text it by hand; and what the checker says of it all in the end.

Each text is delivered and written down as by the crowd of ``driver``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic  # noqa: TID251  the world outside has clocks of its own

import sqlalchemy as sa

from dialogs.messages import DeliveryStatus
from gateway import config, invariants
from gateway.invariants import Delivered, Reported, Violation
from store import Store, open_store, schema
from tests.faults.driver import deliver, post
from tests.faults.moody import Moody, Seen, moody, now
from tests.process import knocks
from tests.process.conftest import Gateway, running
from tests.process.knocks import ACCOUNT
from tests.process.outside import NEVER_LOGGED, UNSENT

COMPLAINT = "no hay luz en la cancha de Alto Tacagua"


@asynccontextmanager
async def world(
    folder: Path, url: str, *, under: tuple[str, ...] = (), **variables: str
) -> AsyncIterator[tuple[Gateway, Moody]]:
    """A gateway that serves, and its providers."""
    async with moody() as stub, running(stub, url, folder, under=under, **variables) as gateway:
        yield gateway, stub


async def refusal(gateway: Gateway) -> tuple[int, str]:
    """Try to serve once more: the exit status, and all that was said."""
    process = await gateway._run("serve", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    try:
        async with asyncio.timeout(20):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, said.decode()


async def ready(gateway: Gateway) -> int:
    """What ``/ready`` says."""
    async with gateway.session.get(f"{gateway.address}/ready") as answer:
        return answer.status


async def becomes(gateway: Gateway, status: int, within: float) -> float:
    """Wait until ``/ready`` says so; how many seconds it took. Fails after ``within`` seconds."""
    began = monotonic()
    async with asyncio.timeout(within):
        while await ready(gateway) != status:  # noqa: ASYNC110  another process sets no event here
            await asyncio.sleep(0.1)
    return monotonic() - began


@dataclass(slots=True)
class Driver:
    """People who text, each once and from a number of their own, and what they were answered."""

    gateway: Gateway
    w: list[Delivered] = field(default_factory=list)
    d: list[Reported] = field(default_factory=list)
    sent: int = 0

    @property
    def acknowledged(self) -> set[str]:
        """The ids of the messages that the gateway said are its own now."""
        return {one.external_id for one in self.w if one.acknowledged}

    @property
    def put_off(self) -> list[str]:
        """The ids of those that it has not taken yet, oldest first."""
        return [sid for sid in dict.fromkeys(one.external_id for one in self.w) if sid not in self.acknowledged]

    def new(self) -> str:
        """The id of the next message, whose sender is new too."""
        self.sent += 1
        return f"SM{self.sent:032x}"

    async def text(
        self, sid: str | None = None, words: str = COMPLAINT, *, channel: str = "twilio", sender: str | None = None
    ) -> tuple[int | None, float]:
        """Somebody new texts, or ``sid`` is delivered again: the status (None: no answer) and the seconds it took."""
        sid, began = sid or self.new(), monotonic()
        gateway = self.gateway
        told, _ = await deliver(gateway.session, gateway.address, channel, words, sender or who(sid), sid, sid)
        self.w.append(told)
        return told.status, monotonic() - began

    async def report(self, seen: Seen, status: DeliveryStatus, *, named: bool = True) -> int | None:
        """Twilio says what became of a message, with our id or (not ``named``) by its own alone."""
        one = seen.evidence()
        sid = one.external_id or f"SM{'f' * 32}"
        words = {"MessageSid": sid, "MessageStatus": str(status), "AccountSid": ACCOUNT, "To": one.recipient}
        knock = knocks.twilio(knocks.form(words), f"status?our_id={one.our_id}" if named else "status")
        got, _ = await post(self.gateway.session, self.gateway.address, knock)
        ours = one.our_id if named else None
        told = Reported(
            at=now(), channel="twilio", external_id=sid, status=status, our_id=ours, acknowledged=got == 204
        )
        self.d.append(told)
        return got

    async def until(self, status: int, most: int = 3000) -> None:
        """Text until one is answered so."""
        for _ in range(most):
            if (await self.text())[0] == status:
                return
        raise AssertionError(f"never {status}")

    async def insist(self, sid: str | None = None) -> None:
        """Text, and again as providers do, until it is taken."""
        sid = sid or self.new()
        while (await self.text(sid))[0] != 200:  # noqa: ASYNC110  another process sets no event here
            await asyncio.sleep(0.2)

    async def again(self) -> None:
        """Deliver what was put off."""
        for sid in self.put_off:
            await self.insist(sid)


async def verdict(driver: Driver, stub: Moody, url: str, *, crashes: int = 0, settle: bool = True) -> list[Violation]:
    """What the checker says of all that the driver saw, the providers saw and the store holds."""
    mine = config.load(driver.gateway.config, driver.gateway.environment)
    store = open_store(url)
    await store.start()
    try:
        if settle:
            await driver.gateway.until(lambda: _settled(store))
        evidence = [one.evidence() for one in stub.seen]
        said = driver.gateway.log.read_text(encoding="utf-8").splitlines()
        return await store.read(
            lambda tx: invariants.check(
                driver.w,
                evidence,
                driver.d,
                tx,
                config=mine,
                now=now(),
                crashes=crashes,
                logs=said,
                secrets=NEVER_LOGGED,
            )
        )
    finally:
        await store.close()


async def _settled(store: Store) -> bool:
    waiting = sa.select(sa.func.count()).where(schema.outbound.c.state.in_(UNSENT))
    return await store.read(lambda tx: tx.execute(waiting).scalar_one()) == 0


def who(sid: str) -> str:
    """The number of whoever sends a message of this id."""
    return f"+5917000{int(sid.removeprefix('SM'), base=16):04}"
