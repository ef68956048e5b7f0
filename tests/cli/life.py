"""Some days of a service on the terminal's own store, lived through by telephones and by staff."""

import asyncio
from datetime import timedelta
from functools import partial

from gateway import app
from gateway.cli.phone import Network, Phone, latest_case
from gateway.work import casework, filing
from store import Tx

STRIDES = 4


class Life:
    """Telephones that write to an application which is open, and the staff behind it."""

    def __init__(self, application, clock):
        self.app, self.clock = application, clock

    def phone(self, number):
        return Phone(self.app, f"+5917000{number:04d}")

    async def wait(self, **time):
        """Let time pass, in a few strides, so that what falls due fires in order."""
        long = timedelta(**time)
        for _ in range(STRIDES):
            self.clock.advance(long / STRIDES)
            await self.app.settle()

    async def staff(self, number, act, code=None, **words):
        """An act on the latest case of a telephone, or on that of ``code``: a merged one is no longer its own."""
        work = partial(self._act, self.phone(number).number, act, code, words)
        done = await self.app.store.transact(work)
        await self.app.settle()
        return done.case.code

    def _act(self, number, act, code, words, tx: Tx):
        code = code or latest_case(tx, number).code
        work = getattr(casework, act) if isinstance(act, str) else act
        return work(tx, self.app.house, self.clock.now(), "Ana", code, **words)

    async def file(self, **said):
        """Staff file for somebody."""
        [code] = self.clock.new_codes(1)
        wanted = filing.Filing(**said)
        await self.app.store.transact(
            lambda tx: filing.open_for(tx, self.app.house, self.clock.now(), "Ana", wanted, new_code=code)
        )
        await self.app.settle()
        return code


def live(terminal, what):
    """Let ``what(life)`` happen on the terminal's store."""

    async def run():
        application = app.build(terminal.config, terminal.clock, Network([]))
        await application.open()
        try:
            await what(Life(application, terminal.clock))
        finally:
            await application.stop()

    asyncio.run(run())
