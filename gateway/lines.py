"""The channels as config.yaml describes them: which provider needs which keys, and what two lines may not share.

Rule 1: a provider that does not sign what it sends is known by a secret in the path alone, so that one is long.
"""

import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from dialogs.messages import ChannelKind
from gateway.strict import ConfigError, Strict, validate

#: Characters of a secret that stands alone between the world and a line.
SHORTEST_SECRET = 16

#: Cases that staff file carry this word as their channel, so no channel may be called so.
OFFICE = "office"

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_IN_PATH = re.compile(r"[A-Za-z0-9_~.-]+")
#: How the address of a line is written, and what to say if it is not.
ADDRESSES = {
    ChannelKind.SMS: (re.compile(r"\+?[0-9]{3,15}"), 'must be a number or a short code in quotes: "+59170000000"'),
    ChannelKind.USSD: (re.compile(r"\*[0-9*]+#"), 'must be a service code in quotes: "*384*40#"'),
}
_NEAR = tuple(
    ipaddress.ip_network(net)
    for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What a provider is to config.yaml: the keys that each kind of line needs, and where its API lives."""

    needs: Mapping[ChannelKind, tuple[str, ...]]
    api: str | None = None
    signs: bool = True


PROVIDERS: Mapping[str, Provider] = {
    "simulator": Provider(needs={ChannelKind.SMS: (), ChannelKind.USSD: ()}),
    "twilio": Provider(needs={ChannelKind.SMS: ("account_sid", "auth_token")}, api="https://api.twilio.com"),
    "africastalking": Provider(
        needs={ChannelKind.SMS: ("username", "api_key", "secret"), ChannelKind.USSD: ("secret",)},
        api="https://api.africastalking.com",
        signs=False,
    ),
    "smsgate": Provider(needs={ChannelKind.SMS: ("username", "password", "signing_key", "api")}),
}

#: Where ``${NAME}`` is taken: what only the provider and we know.
SECRETS = frozenset({"secret", "account_sid", "auth_token", "username", "api_key", "password", "signing_key"})


def _kind(value: Any) -> ChannelKind:
    if value not in {"sms", "ussd"}:
        raise ValueError("must be sms or ussd")
    return ChannelKind(value)


def web_address(value: str) -> str:
    """Check a base URL (http or https, a host, nothing after the path) and drop its last slash."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a web address: https://host or http://host:port")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must be a web address without user, ? or #")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(web_address)]
_Secret = Annotated[str | None, Field(repr=False, min_length=1)]


class ChannelConfig(Strict):
    """One line as configured. ``rate`` is segments per second; ``api`` is the provider's base URL.

    Which of the secrets are there depends on the provider: see ``PROVIDERS``.
    """

    id: str
    provider: str
    kind: Annotated[ChannelKind, BeforeValidator(_kind)]
    address: str
    speaks_through: str | None = None
    sender_id: Annotated[str | None, Field(min_length=1, max_length=11)] = None
    rate: Annotated[float | None, Field(gt=0, le=10_000)] = None
    api: WebAddress | None = None
    secret: _Secret = None
    account_sid: _Secret = None
    auth_token: _Secret = None
    username: _Secret = None
    api_key: _Secret = None
    password: _Secret = None
    signing_key: _Secret = None


def load_channels(written: Mapping[str, Any], file: Path) -> Mapping[str, ChannelConfig]:
    """Make the channels of config.yaml and check each by itself and beside the others."""
    channels = {name: _channel(name, group, file) for name, group in written.items()}
    if not any(channel.kind is ChannelKind.SMS for channel in channels.values()):
        raise ConfigError(file, "channels", "has no sms channel: without one nobody can be written to")
    _check_one_line_each(channels.values(), file)
    for channel in channels.values():
        if channel.speaks_through is not None:
            check_names_sms(channels, channel.speaks_through, file, f"channels.{channel.id}.speaks_through")
    return channels


def check_names_sms(channels: Mapping[str, ChannelConfig], name: str, file: Path, key: str) -> None:
    """Refuse a name that is not one of our SMS channels."""
    if name not in channels:
        raise ConfigError(file, key, f'"{name}" is not one of the channels{_did_you_mean(name, channels)}')
    if channels[name].kind is not ChannelKind.SMS:
        raise ConfigError(file, key, f'"{name}" is not an sms channel, so it cannot speak first')


def is_public(url: str) -> bool:
    """Whether somebody outside this machine and its local network may reach this address."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return not (host == "localhost" or host.endswith((".localhost", ".local")))
    return not any(address in net for net in _NEAR)


def _channel(name: str, group: Any, file: Path) -> ChannelConfig:
    key = f"channels.{name}"
    if not _ID.fullmatch(name) or name == OFFICE:
        raise ConfigError(file, key, "is not a channel's name: small letters, digits and - only, and not office")
    if not isinstance(group, dict):
        raise ConfigError(file, key, "must be a group of keys")
    if "id" in group:
        raise ConfigError(file, f"{key}.id", "is not a key that we know: the channel's name is its id")
    channel = validate(ChannelConfig, {**group, "id": name}, file, key)
    provider = _provider(channel, file, key)
    _check_line(channel, file, key)
    if not provider.signs:
        _check_secret(channel.secret or "", file, f"{key}.secret", channel.provider)
    return channel if channel.api else channel.model_copy(update={"api": provider.api})


def _provider(channel: ChannelConfig, file: Path, key: str) -> Provider:
    provider = PROVIDERS.get(channel.provider)
    if provider is None:
        known = ", ".join(sorted(PROVIDERS))
        raise ConfigError(file, f"{key}.provider", f'"{channel.provider}" is not a provider that we know ({known})')
    if channel.kind not in provider.needs:
        raise ConfigError(file, f"{key}.kind", f"{channel.provider} has no {channel.kind} here")
    for needed in provider.needs[channel.kind]:
        if getattr(channel, needed) is None:
            raise ConfigError(file, f"{key}.{needed}", f"is missing: {channel.provider} needs it")
    return provider


def _check_line(channel: ChannelConfig, file: Path, key: str) -> None:
    shape, problem = ADDRESSES[channel.kind]
    if not shape.fullmatch(channel.address):
        raise ConfigError(file, f"{key}.address", problem)
    if channel.speaks_through is not None and channel.kind is not ChannelKind.USSD:
        raise ConfigError(file, f"{key}.speaks_through", "is only for ussd: an sms channel speaks for itself")


def _check_secret(secret: str, file: Path, key: str, provider: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        problem = f"is too short: {provider} does not sign, so it needs {SHORTEST_SECRET} characters or more"
        raise ConfigError(file, key, problem)
    if not _IN_PATH.fullmatch(secret):
        raise ConfigError(file, key, "stands in a web address: letters, digits, - and _ only")


def _check_one_line_each(channels: Iterable[ChannelConfig], file: Path) -> None:
    seen: dict[tuple[str, ChannelKind, str], str] = {}
    for channel in channels:
        line = (channel.provider, channel.kind, channel.address)
        if line in seen:
            raise ConfigError(file, f"channels.{channel.id}", f'is the same line as the channel "{seen[line]}"')
        seen[line] = channel.id


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
