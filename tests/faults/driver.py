"""The residents and their carriers in a process of their own: texts, answers, dials, opt-outs, and each again. Writes W.

Rule: a line of W is on disk before the next request of that person begins, so that what was acknowledged is known
whoever dies. Carriers come again as they do in life, only sooner.

    python -m tests.faults.driver --books FOLDER --gateway http://127.0.0.1:8080 --seed 1 --rate 40
"""

import argparse
import asyncio
import hashlib
import random  # noqa: TID251  people are not the gateway: they have dice of their own
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from gateway.invariants import Delivered, text_hash
from providers.africastalking_ussd import hop
from tests.faults.books import Book, now
from tests.process import knocks

#: How a carrier comes again when we did not take a message: how often, the first pause and by what it grows. Twilio as
#: ``#rc=5&rp=all`` asks, the phone's app fourteen times; Africa's Talking's retries are undocumented. Pauses shortened.
RETRIES = {
    "twilio": (5, 0.4, 1.5),
    "phone": (14, 0.2, 1.3),
    "africastalking": (8, 0.3, 1.5),
    knocks.USSD: (2, 0.5, 1.0),
}
#: How likely a carrier delivers once more what we took, and at once three times.
AGAIN, THRICE = 0.06, 0.02
#: More do not talk at one time: while the gateway is away, those who try again pile up.
MOST_AT_ONCE = 100
LINES = ("twilio", "africastalking", "phone")
PLACES = ("Alto Tacagua", "Munaypata", "Villa Salome", "Pampahasi Bajo")


async def post(session: aiohttp.ClientSession, gateway: str, knock: knocks.Knock) -> tuple[int | None, str]:
    """One request, as a carrier makes it: the status and what we answered; None if there was no answer."""
    try:
        url = f"{gateway}{knock.path}"
        async with session.post(url, data=knock.body, headers=dict(knock.headers)) as answer:
            return answer.status, await answer.text()
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None, ""


async def deliver(
    session: aiohttp.ClientSession, gateway: str, line: str, words: str, sender: str, ident: str, external_id: str
) -> tuple[Delivered, str]:
    """Deliver one text once; the line of W that says so, and what we answered."""
    at = now()
    status, body = await post(session, gateway, knocks.text(line, words, sender, ident=ident))
    told = Delivered(
        at=at,
        channel=line,
        external_id=external_id,
        sender=sender,
        text_hash=text_hash(words),
        status=status,
        answered_at=None if status is None else now(),
    )
    return told, body


@dataclass(slots=True)
class Crowd:
    """Everybody who writes. Nobody says two things at once; each complaint is told once, by its number."""

    gateway: str
    w: Book
    dice: random.Random
    session: aiohttp.ClientSession
    first: int = 1
    people: int = 3000
    waiting: set[int] = field(default_factory=set)
    busy: set[asyncio.Task[None]] = field(default_factory=set)
    count: int = 0

    async def live(self, rate: float, over: asyncio.Event) -> None:
        """Let ``rate`` people a second begin to write until it is ``over``; then let each come to their end."""
        while not over.is_set():
            task = asyncio.create_task(self._visit())
            self.busy.add(task)
            task.add_done_callback(self.busy.discard)
            try:
                async with asyncio.timeout(self.dice.expovariate(rate)):
                    await over.wait()
            except TimeoutError:
                pass
        if self.busy:
            await asyncio.wait(self.busy, timeout=30)

    async def _visit(self) -> None:
        person = self.dice.randrange(self.people)
        if person in self.waiting or len(self.busy) > MOST_AT_ONCE:
            return
        self.waiting.add(person)
        try:
            acts: Sequence[tuple[Callable[[str, str], object], int]] = (
                (self.report, 50), (self.half_told, 15), (self.status, 12), (self.dial, 15), (self.leave, 8),
            )  # fmt: skip
            [act] = self.dice.choices([one for one, _ in acts], [weight for _, weight in acts])
            await act(f"+5917000{self.first + person:04}", LINES[person % len(LINES)])  # type: ignore[misc]
        finally:
            self.waiting.discard(person)

    async def report(self, sender: str, line: str) -> bool:
        """A whole complaint in one text."""
        self.count += 1
        place = self.dice.choice(PLACES)
        return await self.text(line, f"no hay luz en la calle {self.count} de {place} desde el lunes", sender)

    async def half_told(self, sender: str, line: str) -> None:
        """A complaint without a place, and the answer to the question."""
        self.count += 1
        if await self.text(line, f"hay un bache grande {self.count} frente a la cancha", sender):
            await self.text(line, self.dice.choice(PLACES), sender)

    async def status(self, sender: str, line: str) -> None:
        """What became of it?"""
        await self.text(line, "estado", sender)

    async def leave(self, sender: str, line: str) -> None:
        """No more messages; and sometimes again some."""
        if await self.text(line, "baja", sender) and self.dice.random() < 0.7:
            await self.text(line, "alta", sender)

    async def dial(self, sender: str, _line: str) -> None:
        """A USSD session, as long as its screens go on."""
        self.count += 1
        session, history = f"S{self.dice.getrandbits(64):016x}", ""
        for answer in ("", "1", f"no hay agua {self.count} en la zona", "1", "1"):
            history = f"{history}*{answer}" if history else answer
            screen = await self.post(knocks.USSD, history, sender, session, f"{session}:{hop(sender, history)}")
            if screen is None or not screen.startswith("CON"):
                return

    async def text(self, line: str, words: str, sender: str) -> bool:
        """One text, from the carrier's first try to its last; whether we took it."""
        ident = hashlib.sha256(f"{words}\n{self.dice.getrandbits(64)}".encode()).hexdigest()[:32]
        if self.dice.random() < THRICE:
            answers = await asyncio.gather(*(self.post(line, words, sender, ident, ident) for _ in range(3)))
            return any(answer is not None for answer in answers)
        taken = await self.post(line, words, sender, ident, ident) is not None
        if taken and self.dice.random() < AGAIN:
            await self.post(line, words, sender, ident, ident)
        return taken

    async def post(self, line: str, words: str, sender: str, ident: str, external_id: str) -> str | None:
        """Post until it is taken or the carrier gives up; what we answered, None if it was never taken."""
        tries, pause, grows = RETRIES[line]
        for _ in range(tries + 1):
            told, body = await deliver(self.session, self.gateway, line, words, sender, ident, external_id)
            self.w.write(told)
            if told.status == 200:
                return body
            await asyncio.sleep(pause)
            pause *= grows
        return None


async def drive(asked: argparse.Namespace) -> None:
    """Write until SIGTERM."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    timeout = aiohttp.ClientTimeout(total=15)  # as Twilio's
    async with aiohttp.ClientSession(timeout=timeout) as session:
        book, dice = Book(Path(asked.books) / "W.jsonl"), random.Random(asked.seed)  # noqa: S311
        crowd = Crowd(gateway=asked.gateway, w=book, dice=dice, session=session, first=asked.first, people=asked.people)
        await crowd.live(asked.rate, over)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--books", required=True)
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rate", type=float, default=40.0)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--people", type=int, default=3000)
    asyncio.run(drive(parser.parse_args()))


if __name__ == "__main__":
    main()
