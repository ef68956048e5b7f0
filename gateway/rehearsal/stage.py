"""A gateway to play on: this service's words, city and times, two pretended lines, an empty store that vanishes."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dialogs.messages import ChannelKind
from gateway import app
from gateway.care import Retention, Watch
from gateway.config import ChannelConfig, Config, StoreConfig
from gateway.rehearsal.clock import StageClock
from gateway.rehearsal.player import Carrier, Player
from store import migrate

#: What stands in for real lines.
DEMO_LINES = (
    ChannelConfig(id="demo", provider="simulator", kind=ChannelKind.SMS, address="4040"),
    ChannelConfig(
        id="demo-ussd", provider="simulator", kind=ChannelKind.USSD, address="*384*40#", speaks_through="demo"
    ),
)
#: A Monday, ten in the morning in La Paz: when a transcript begins that does not say.
START = datetime(2026, 11, 23, 14, tzinfo=UTC)


@asynccontextmanager
async def stage(config: Config) -> AsyncIterator[tuple[app.Application, Player]]:
    """An open application and its player. Nothing reaches anybody, and nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="barrio-stage-") as folder:
        url = f"sqlite:///{Path(folder) / 'stage.db'}"
        migrate(url)
        clock, carrier = StageClock(START), Carrier()
        application = app.build(_pretended(config, url), clock, carrier)
        await application.open()
        try:
            yield application, Player(application, clock, carrier)
        finally:
            await application.stop()


def _pretended(config: Config, url: str) -> Config:
    """The same service with pretended lines, and nobody to be told of trouble."""
    return replace(
        config,
        store=StoreConfig(url=url),
        channels={line.id: line for line in DEMO_LINES},
        service=config.service.model_copy(update={"default_channel": None}),
        limits=config.limits.model_copy(update={"channels": {}, "countries": ()}),
        backups=None,
        retention=Retention(),
        watch=Watch(),
    )
