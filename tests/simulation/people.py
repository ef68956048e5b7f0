"""Two hundred residents: they report, answer, look up, forget, flood, opt out and come back.

They write at a few hours of the day and then in the same instant, as after a storm or when the lights come on: what
is concurrent is what can go wrong, and it is cheap. What each writes is their own dice's.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

from tests.simulation import words
from tests.simulation.carriers import PHONE, TWILIO, Network
from tests.simulation.chance import Dice

HOUR, DAY = 3600.0, 86400.0
#: When people write, in seconds after the simulation's hour of beginning (six in the morning).
RUSH = (1.5 * HOUR, 7.0 * HOUR, 15.5 * HOUR)
#: So far apart are those who write in one instant.
CROWD = 0.002
#: How often a resident begins something by themselves in a month, on average.
INITIATIVE = 0.55

_CODE = re.compile(r"\b(\d{3})-(\d{3})-(\d{3})\b")
_OPTION = re.compile(r"^(\d) ", re.MULTILINE)
Spawn = Callable[[float, Callable[[], Coroutine[Any, Any, None]]], None]


class Resident:
    """One telephone. ``spawn(seconds, work)`` lets something happen later."""

    def __init__(self, number: str, dice: Dice, network: Network, spawn: Spawn) -> None:
        self.number = number
        self.codes: list[str] = []
        self.line = TWILIO if dice.happens(0.7) else PHONE
        self._dice, self._network, self._spawn = dice, network, spawn
        self._robot = dice.happens(0.0025)
        self._answered = 0
        self._calls = 0

    def live(self, days: float) -> None:
        """Plan what they begin by themselves."""
        at = self._dice.after(days * DAY / INITIATIVE)
        while at < days * DAY:
            self._at(at, self._begin)
            at += self._dice.after(days * DAY / INITIATIVE)

    def hear(self, text: str) -> None:
        """An SMS arrived."""
        if found := _CODE.search(text):
            self.codes.append("".join(found.groups()))
        if self._robot and self._answered < 25:
            self._answered += 1
            self._spawn(5.0, lambda: self._say("Estoy ocupado, le respondo luego"))
        elif "BAJA" in text and "avisos" in text and self._dice.happens(0.04):
            self._at(self._now() + HOUR, lambda: self._say(self._dice.choice(words.STOPS)))
        elif options := _OPTION.findall(text):
            self._react(text, options)
        elif "¿" in text and self._dice.happens(0.6):
            self._at(self._soon(), lambda: self._say(self._dice.choice(words.PLACES)))

    def _react(self, text: str, options: list[str]) -> None:
        if self._dice.happens(0.4):
            return  # silence is an answer too
        late = self._dice.happens(0.25)
        at = self._now() + self._dice.after(4 * DAY) if late else self._soon()
        if "resuelto" in text and self._dice.happens(0.9):
            answer = self._dice.choice((words.YES, words.YES, words.HALF, words.NO))
        elif "1 a 5" in text:
            answer = words.RATINGS
        else:
            answer = (*options, self._dice.choice(words.JUNK))
        self._at(at, lambda: self._say(self._dice.choice(answer)))

    async def _begin(self) -> None:
        throw = self._dice.random()
        if throw < 0.62:
            await self._say(words.report(self._dice))
        elif throw < 0.74 and self.codes:
            written = words.code(self._dice, self._dice.choice(self.codes))
            forms = words.LOOK_UPS if self._dice.happens(0.7) else words.MORE
            await self._say(self._dice.choice(forms).format(code=written))
        elif throw < 0.84:
            await self._dial()
        elif throw < 0.88:
            await self._say(self._dice.choice(words.STOPS))
            self._at(self._now() + self._dice.after(5 * DAY), lambda: self._say(self._dice.choice(words.STARTS)))
        elif throw < 0.89:
            for _ in range(self._dice.randint(8, 25)):
                await self._say(self._dice.choice((*words.JUNK, words.report(self._dice))))
                await asyncio.sleep(self._dice.after(3.0))
        else:
            await self._say(self._dice.choice(words.JUNK))

    async def _say(self, text: str) -> None:
        if self._dice.happens(0.05):
            self.line = PHONE if self.line == TWILIO else TWILIO
        self._network.text(self.line, self.number, text)

    async def _dial(self) -> None:
        """Dial, press keys until the screens end, hang up, or lose the connection and repeat a hop."""
        self._calls += 1
        session, history = f"{self.number[-4:]}-{self._calls}", ""
        for _ in range(8):
            screen = await self._network.dial(session, self.number, history)
            if self._dice.happens(0.1):
                screen = await self._network.dial(session, self.number, history)
            if screen is None or not screen.startswith("CON") or self._dice.happens(0.1):
                return
            options = _OPTION.findall(screen)
            key = self._dice.choice(options) if options else words.report(self._dice)
            history = f"{history}*{key}" if history else key
            await asyncio.sleep(6.0)

    def _soon(self) -> float:
        return self._now() + self._dice.after(HOUR)

    def _at(self, when: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it at the next hour at which people write."""
        day, hour = divmod(when, DAY)
        at = next((rush for rush in RUSH if rush >= hour), DAY + RUSH[0])
        self._spawn(max(day * DAY + at - self._now(), 0.0) + CROWD * self._dice.random(), work)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
