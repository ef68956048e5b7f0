"""``barrio init``: five questions, then a config and strong secrets for a real line.

Rule: nothing that is there is overwritten unasked, and no secret is printed: they go into ``.env``, which only its
owner can read.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from dialogs.messages import ChannelKind
from gateway.accounts import by_hand
from gateway.cli.desk import Desk
from gateway.cli.shell import Command, agreed, pass_desk
from gateway.config import HOME, ChannelConfig
from gateway.lines import ADDRESSES, is_public, web_address

_DEFAULT_ZONE, _DEFAULT_COUNTRY = "America/La_Paz", "BO"
#: Messages begin with the name, so each letter is paid for again and again.
NAME_MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What a line looks like in config.yaml, and its variables: ``made`` by us, ``given`` by the provider."""

    channel: str
    keys: Mapping[str, str]
    made: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    address: str = "+59170000000"
    hint: str = ""
    more: str = ""


_KINDS: Mapping[str, _Kind] = {
    "smsgate": _Kind(
        channel="phone",
        keys={
            "username": "${PHONE_USERNAME}",
            "password": "${PHONE_PASSWORD}",
            "signing_key": "${PHONE_KEY}",
            "api": "http://192.168.1.50:8080",
        },
        made=("PHONE_KEY",),
        given={"PHONE_USERNAME": "as the app shows it", "PHONE_PASSWORD": "as the app shows it"},
        hint="In the app: the local server's address into api in the config; its signing key is PHONE_KEY of .env.\n"
        "      For the commands below: set -a; . ./.env; set +a    and the phone's own address for PHONE.",
    ),
    "twilio": _Kind(
        channel="twilio",
        keys={"account_sid": "${TWILIO_ACCOUNT_SID}", "auth_token": "${TWILIO_AUTH_TOKEN}"},
        given={
            "TWILIO_ACCOUNT_SID": "from the front page of console.twilio.com",
            "TWILIO_AUTH_TOKEN": "from the same page",
        },
    ),
    "africastalking": _Kind(
        channel="africastalking",
        keys={"username": "${AT_USERNAME}", "api_key": "${AT_API_KEY}", "secret": "${AT_SECRET}"},
        made=("AT_SECRET",),
        given={"AT_USERNAME": "the name of your app there", "AT_API_KEY": "from Settings, API Key"},
        address="21512",
    ),
    "simulator": _Kind(
        channel="demo",
        keys={},
        address="4040",
        more='  demo-ussd: {provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}\n',
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    name: str
    public_url: str
    provider: str
    address: str
    zone: str


@click.command(cls=Command)
@pass_desk
def init(desk: Desk) -> None:
    """Ask five questions, write a config and strong secrets."""
    env_file = desk.path.resolve().parent / ".env"
    for file in (desk.path, env_file):
        if file.exists() and not agreed(f"{file} is there already. Write it anew?"):
            raise click.Abort
    answers = _ask()
    kind = _KINDS[answers.provider]
    _write(desk.path, _config(desk.path, answers, kind), 0o644)
    _write(env_file, _env(desk, kind), 0o600)
    _next(desk, env_file, answers, kind)


def _ask() -> _Answers:
    click.echo("Five questions; Enter takes what stands in brackets.\n")
    name = click.prompt("1. What is the service called in its messages", default="Barrio Digital", value_proc=_name)
    about = "2. At which web address will the provider reach it"
    public_url = click.prompt(about, default="http://localhost:8080", value_proc=_url)
    about = "3. Who carries the messages: a telephone (smsgate), a company, or nobody yet (simulator)"
    provider = _provider(about, public_url)
    about = "4. To which number or short code do people write"
    address = click.prompt(about, default=_KINDS[provider].address, value_proc=_address)
    zone = click.prompt("5. In which time zone does the city lie", default=_DEFAULT_ZONE, value_proc=_zone)
    return _Answers(name=name, public_url=public_url, provider=provider, address=address, zone=zone)


def _provider(about: str, public_url: str) -> str:
    while True:
        provider: str = click.prompt(about, type=click.Choice(list(_KINDS)), default="smsgate")
        if provider != "simulator" or not is_public(public_url):
            return provider
        click.echo("A simulator on a public address lets anybody pretend to be any number: choose another.")


def _name(value: str) -> str:
    name = " ".join(value.split())
    if not 1 <= len(name) <= NAME_MOST:
        raise click.BadParameter(f"1 to {NAME_MOST} letters")
    return name


def _url(value: str) -> str:
    try:
        return web_address(value.strip())
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _address(value: str) -> str:
    shape, _ = ADDRESSES[ChannelKind.SMS]
    address = re.sub(r"[ ()-]", "", value)
    if not shape.fullmatch(address):
        raise click.BadParameter("a number or a short code: +59170000000 or 4040")
    return address


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value.strip()).key
    except (KeyError, ValueError, OSError):
        raise click.BadParameter("write it like America/La_Paz") from None


def _config(path: Path, answers: _Answers, kind: _Kind) -> str:
    line = {"provider": answers.provider, "kind": "sms", "address": answers.address, **kind.keys}
    keys = "\n".join(f"    {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in line.items())
    city = (
        "city: city"
        if path.resolve().parent == HOME
        else "# city: city    # without this line: the city of the program"
    )
    return f"""\
# Made by barrio init. What else can be set stands, explained, in the config.yaml of the program.
# Secrets are in the file .env beside this one. After a change: barrio check
service:
  name: {json.dumps(answers.name, ensure_ascii=False)}
  country: {_country(answers.zone)}
  timezone: {answers.zone}
  languages: [es, en]
  public_url: {json.dumps(answers.public_url)}
http: {{host: 127.0.0.1, port: 8080}}
store: {{url: "sqlite:///var/barrio.db"}}
{city}
channels:
  {kind.channel}:
{keys}
{kind.more}quiet_hours: {{from: "20:00", to: "08:00"}}
followups: {{confirm_after: 3d, remind_after: 3d, close_after: 14d}}
neighbours: {{days: 14}}
broadcasts: {{approve_above: 200}}
backups: {{folder: var/backups, keep: 14, every: 24h}}
"""


def _country(zone: str) -> str:
    """The country (ISO 3166) in which the time zone lies; of a zone in none, like UTC, the default.

    Not that of the line's number: a city may well speak through a number from abroad, and its people still write
    theirs as they do at home. The list is IANA's zone.tab: country, coordinates, zone, parted by tabs.
    """
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}.get(zone, _DEFAULT_COUNTRY)


def _env(desk: Desk, kind: _Kind) -> str:
    made = [f"{name}={desk.clock.new_secret()}" for name in kind.made]
    given = [f"# {where}\n{name}=" for name, where in kind.given.items()]
    return "\n".join(
        ["# Secrets of this service. Never copy this file into a message or a repository.", *made, *given, ""]
    )


def _write(file: Path, text: str, mode: int) -> None:
    """Write a whole file or none, readable from the first moment by whom ``mode`` says."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w", encoding="utf-8") as stream:  # noqa: PTH123  with a mode
        stream.write(text)
    part.replace(file)


def _next(desk: Desk, env_file: Path, answers: _Answers, kind: _Kind) -> None:
    secret = f"<{kind.made[0]} of .env>" if "secret" in kind.keys else None
    line = ChannelConfig(
        id=kind.channel, provider=answers.provider, kind=ChannelKind.SMS, address=answers.address, secret=secret
    )
    steps = [f"Fill in {name} in {env_file}: {where}." for name, where in kind.given.items()]
    steps += [f"{kind.hint}"] if kind.hint else []
    steps += [
        f"At the provider, {one.what}:\n      {one.value}" for one in by_hand.set_up(line, answers.public_url).enter
    ]
    steps += ["barrio channel setup    points the number at this service"] if answers.provider == "twilio" else []
    steps += ["barrio check", "barrio migrate", "barrio serve"]
    click.echo(f"\nWritten: {desk.path}, and {env_file}, which only you can read.\n\nWhat is left to do:")
    for number, step in enumerate(steps, start=1):
        click.echo(f"  {number:>2}. {step}")
