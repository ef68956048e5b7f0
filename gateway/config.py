"""config.yaml and what it names, read once at start into frozen values. There is no second way to configure.

Rule 1: a secret is ``${NAME}``, taken from the environment; it is never shown, in no error and no ``repr``.

Rule 2: whatever can be known to be wrong at start is an error at start, in one line: ``file: key: problem``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from dialogs import facts
from dialogs.city import City
from gateway.care import Backups, Retention, Watch
from gateway.city import load_city
from gateway.lines import OFFICE, SECRETS, ChannelConfig, WebAddress, check_names_sms, is_public, load_channels
from gateway.strict import ConfigError, Strict, read, validate
from gateway.values import Country, Duration, Hour, Price, Zone

__all__ = ["HOME", "OFFICE", "WORDS", "ChannelConfig", "Config", "ConfigError", "load"]

#: The checkout that we run from: it holds the words, and the city where config.yaml names none.
HOME = Path(__file__).resolve().parents[1]
#: What is said, a folder a language.
WORDS = HOME / "templates" / "sms"

_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql://"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class Service(Strict):
    """Who we are. The first language is spoken to people whose language is not known yet."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    country: Country
    timezone: Zone
    languages: Annotated[tuple[_Language, ...], Field(min_length=1)]
    public_url: WebAddress
    default_channel: str | None = None


class Http(Strict):
    """Where we listen; port 0 takes a free one."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class StoreConfig(Strict):
    """Where the memory lies; a SQLite path is absolute once loaded."""

    url: Annotated[str, Field(repr=False)]

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return Path(self.url.removeprefix(_SQLITE)) if self.url.startswith(_SQLITE) else None


class QuietHours(Strict):
    """Local hours in which we do not speak first: from ``start`` up to ``end``, usually over midnight."""

    start: Annotated[Hour, Field(alias="from")] = time(20)
    end: Annotated[Hour, Field(alias="to")] = time(8)


class FollowUps(Strict):
    """When we ask whether a resolution is true; all from the resolution, but ``remind_after`` from the question."""

    confirm_after: Duration = timedelta(days=3)
    remind_after: Duration = timedelta(days=3)
    close_after: Duration = timedelta(days=14)


class Broadcasts(Strict):
    """Above ``approve_above`` recipients a notice needs a second person.

    ``replies_for``: for so long a text of who got it may be a reply to it; 0: never. See ``dialogs/reply.py``.
    """

    approve_above: Annotated[int, Field(ge=0)] = 200
    price_per_segment: Price | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "BOB"
    replies_for: Duration = timedelta(hours=48)


class OutboxConfig(Strict):
    """How hard we try to hand messages over."""

    concurrency: Annotated[int, Field(ge=1, le=1024)] = 32
    max_attempts: Annotated[int, Field(ge=1, le=100)] = 6
    expire_after: Duration = timedelta(hours=24)


_Cap = Annotated[int, Field(ge=0, le=1_000_000_000)]
_Prefix = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,8}$")]


class SendLimits(Strict):
    """How much may be sent before something must be wrong; a day is a local one. See ``gateway/outbound/brakes.py``.

    ``texts_minute``: so many texts of one number in a minute are acted on; see ``gateway/inbound/flood.py``.
    ``cases_day``: so many cases may one person open in 24 hours; see ``dialogs/enough.py``.
    ``guesses_day``, ``guesses_day_all``: so many codes that nobody has may one number, and may all numbers together,
    text in a day; see ``gateway/inbound/guessing.py``.

    Per contact and per number prefix (a number without its last four digits) messages are counted, elsewhere segments.
    ``channels`` are lines with a cap of their own; ``countries``, if any, are the only prefixes that are written to.
    """

    contact_10_minutes: Annotated[int, Field(ge=1, le=1000)] = 10
    contact_day: Annotated[int, Field(ge=1, le=10_000)] = 30
    prefix_day: _Cap = 20_000
    channel_segments: _Cap = 250_000
    country_segments: _Cap = 250_000
    abroad_segments: _Cap = 500
    campaign_segments: _Cap = 200_000
    texts_minute: Annotated[int, Field(ge=1, le=10_000)] = 20
    cases_day: Annotated[int, Field(ge=1, le=10_000)] = 5
    guesses_day: Annotated[int, Field(ge=1, le=10_000)] = 3
    guesses_day_all: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    channels: Mapping[str, _Cap] = {}
    countries: tuple[_Prefix, ...] = ()


class Neighbours(Strict):
    """For so many ``days`` a report like a neighbour's is asked about; 0: never. See ``dialogs/neighbours.py``."""

    days: Annotated[int, Field(ge=0, le=90)] = 0


class Appeals(Strict):
    """Who looks at a case once more, and until when one may ask for it. See ``dialogs/appeal.py``."""

    unit: Annotated[str, Field(min_length=1, max_length=64)]
    within: Duration = timedelta(days=30)

    @property
    def as_known(self) -> facts.Appeals:
        """As the dialogs know it."""
        return facts.Appeals(unit=self.unit, within=self.within)


class _Written(Strict):
    """The file as people write it; ``channels`` are made one by one, so that each error names its channel."""

    service: Service
    http: Http = Http()
    store: StoreConfig
    city: str | None = None
    channels: dict[str, Any]
    quiet_hours: QuietHours = QuietHours()
    followups: FollowUps = FollowUps()
    broadcasts: Broadcasts = Broadcasts()
    outbox: OutboxConfig = OutboxConfig()
    limits: SendLimits = SendLimits()
    neighbours: Neighbours = Neighbours()
    appeals: Appeals | None = None
    backups: Backups | None = None
    retention: Retention = Retention()
    watch: Watch = Watch()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that people decided before start. ``path`` is the file it was read from."""

    path: Path
    service: Service
    http: Http
    store: StoreConfig
    city: City
    city_folder: Path
    channels: Mapping[str, ChannelConfig]
    quiet_hours: QuietHours
    followups: FollowUps
    broadcasts: Broadcasts
    outbox: OutboxConfig
    limits: SendLimits = field(default_factory=SendLimits)
    neighbours: Neighbours = field(default_factory=Neighbours)
    appeals: facts.Appeals | None = None
    backups: Backups | None = None
    retention: Retention = field(default_factory=Retention)
    watch: Watch = field(default_factory=Watch)


def load(path: Path, env: Mapping[str, str], *, demo: bool = False) -> Config:
    """Read ``path`` and the city it names; raise ``ConfigError`` with one line if anything is wrong.

    ``env`` gives the secrets. ``demo`` allows a simulator beside a public address.
    """
    written = validate(_Written, _with_secrets(read(path), env, path), path)
    channels = load_channels(written.channels, path)
    _check(written, channels, path, demo=demo)
    folder = path.resolve().parent
    city = folder / written.city if written.city else HOME / "city"
    return Config(
        path=path,
        service=written.service,
        http=written.http,
        store=StoreConfig(url=_place(written.store.url, path)),
        city=load_city(city, WORDS, written.service, path),
        city_folder=city,
        channels=channels,
        quiet_hours=written.quiet_hours,
        followups=written.followups,
        broadcasts=written.broadcasts,
        outbox=written.outbox,
        limits=written.limits,
        neighbours=written.neighbours,
        appeals=written.appeals.as_known if written.appeals else None,
        backups=written.backups and written.backups.beside(path),
        retention=written.retention,
        watch=written.watch,
    )


def _check(written: _Written, channels: Mapping[str, ChannelConfig], file: Path, *, demo: bool) -> None:
    if written.service.default_channel is not None:
        check_names_sms(channels, written.service.default_channel, file, "service.default_channel")
    simulator = next((channel.id for channel in channels.values() if channel.provider == "simulator"), None)
    if simulator and not demo and is_public(written.service.public_url):
        problem = (
            f'is public, and on the simulator "{simulator}" anybody can pretend to be any number: remove the channel'
        )
        raise ConfigError(file, "service.public_url", problem)
    for name in written.limits.channels:
        check_names_sms(channels, name, file, f"limits.channels.{name}")
    if written.quiet_hours.start == written.quiet_hours.end:
        raise ConfigError(file, "quiet_hours", "from and to are equal, so no hour would be open for sending")
    if written.backups and not written.backups.folder and written.store.url.startswith(_SQLITE):
        raise ConfigError(file, "backups.folder", "is missing: say where the backups of the SQLite store go")
    if written.followups.close_after <= written.followups.confirm_after:
        raise ConfigError(file, "followups.close_after", "must be longer than confirm_after, or nobody is ever asked")


def _place(url: str, file: Path) -> str:
    """Give the store's URL with a SQLite path made absolute, so that it does not depend on where we are started."""
    if url.startswith(_POSTGRESQL):
        return url
    name = url.removeprefix(_SQLITE)
    if name in {url, ""} or "?" in name or ":memory:" in name:
        raise ConfigError(
            file, "store.url", "must be sqlite:///path/to/file or postgresql://user:${NAME}@host/database"
        )
    return _SQLITE + str((file.resolve().parent / name).resolve())


def _with_secrets(written: dict[str, Any], env: Mapping[str, str], file: Path) -> dict[str, Any]:
    """Put the environment's values where ``${NAME}`` stands; a password inside the store's URL is escaped."""

    def fill(value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {name: fill(inner, (*path, name)) for name, inner in value.items()}
        if not isinstance(value, str) or "${" not in value:
            return value
        in_url = path == ("store", "url")
        if not in_url and not (path[0] == "channels" and path[-1] in SECRETS):
            raise ConfigError(file, ".".join(path), "takes no ${…}: only secrets and store.url do")
        if "${" in _VARIABLE.sub("", value):
            raise ConfigError(file, ".".join(path), "has a ${…} that is not a name: ${LIKE_THIS}")
        for name in _VARIABLE.findall(value):
            if not env.get(name):
                lacks = "is empty" if name in env else "is not set"
                problem = f"the variable {name} {lacks}, in the environment or in .env beside this file"
                raise ConfigError(file, ".".join(path), problem)
        return _VARIABLE.sub(lambda found: quote(env[found[1]], safe="") if in_url else env[found[1]], value)

    filled: dict[str, Any] = fill(written, ())
    return filled
