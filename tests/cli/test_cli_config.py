"""Every way in which a config can be wrong, and the one line that says so."""

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dialogs.messages import ChannelKind
from gateway.config import Config, ConfigError, load
from gateway.lines import is_public

DEMO = '  demo: {provider: simulator, kind: sms, address: "4040"}\n'
USSD = '  demo-ussd: {provider: simulator, kind: ussd, address: "*384*40#", speaks_through: demo}\n'
TWILIO = '  tw: {provider: twilio, kind: sms, address: "+12025550143", account_sid: "${SID}", auth_token: "${TOKEN}"}\n'
AT = '  at: {provider: africastalking, kind: sms, address: "21512", username: u, api_key: "${KEY}", secret: "${SECRET}"}\n'
PHONE = '  ph: {provider: smsgate, kind: sms, address: "+59170000000", username: u, password: "${KEY}", signing_key: "${KEY}"}\n'
ENV = {
    "SID": "AC00",
    "TOKEN": "t0ken-of-twilio",
    "KEY": "k3y-of-somebody",
    "SECRET": "s" * 32,
    "SHORT": "short-secret-15",
}


def read(town: Path, *, demo: bool = False, **env: str) -> Config:
    return load(town / "config.yaml", {**ENV, **env}, demo=demo)


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def line(town: Path, *, demo: bool = False) -> str:
    with pytest.raises(ConfigError) as caught:
        read(town, demo=demo)
    said = str(caught.value)
    assert "\n" not in said
    assert not any(secret in said for name, secret in ENV.items() if name != "SID")
    return said.replace(f"{town}/", "")


CONFIG_FAULTS = {
    "an unknown key at the top": ("outbox:", "outbux:", "outbux: is not a key that we know; did you mean outbox?"),
    "an unknown key inside": (
        "confirm_after",
        "confirm_afer",
        "followups.confirm_afer: is not a key that we know; did you mean confirm_after?",
    ),
    "an unknown key like no other": ("city: city", "city: city\nqqq: 1", "qqq: is not a key that we know"),
    "an unknown key of a channel": (
        'address: "4040"',
        'address: "4040", adress: x',
        "channels.demo.adress: is not a key that we know; did you mean address?",
    ),
    "an id inside a channel": (
        'address: "4040"',
        'address: "4040", id: x',
        "channels.demo.id: is not a key that we know: the channel's name is its id",
    ),
    "a key written twice": ("city: city", "city: city\ncity: other", "city: is written twice (again on line 10)"),
    "a channel written twice": (DEMO, DEMO + DEMO, "channels.demo: is written twice (again on line 12)"),
    "two channels on one line": (
        DEMO,
        DEMO + DEMO.replace("demo", "demo2"),
        'channels.demo2: is the same line as the channel "demo"',
    ),
    "a channel called office": (
        DEMO,
        DEMO + DEMO.replace("demo", "office"),
        "channels.office: is not a channel's name: small letters, digits and - only, and not office",
    ),
    "a channel's name with a slash": (
        DEMO,
        DEMO + DEMO.replace("demo", "a/b"),
        "channels.a/b: is not a channel's name: small letters, digits and - only, and not office",
    ),
    "a channel that is no group": (DEMO, DEMO + "  other: twilio\n", "channels.other: must be a group of keys"),
    "no sms channel": (
        DEMO + USSD,
        USSD.replace(", speaks_through: demo", ""),
        "channels: has no sms channel: without one nobody can be written to",
    ),
    "channels that are a list": (DEMO + USSD, "  - demo\n", "channels: must be a group of keys"),
    "a missing section": ('store: {url: "sqlite:///var/barrio.db"}\n', "", "store: is missing"),
    "a missing key": ("  country: BO\n", "", "service.country: is missing"),
    "text where a number belongs": ("port: 8080", 'port: "8080"', "http.port: must be a whole number"),
    "a number where text belongs": (
        "name: Barrio Digital",
        "name: 4040",
        "service.name: must be text: put it in quotes",
    ),
    "an address without quotes": (
        'address: "4040"',
        "address: 4040",
        "channels.demo.address: must be text: put it in quotes",
    ),
    "text where a list belongs": (
        "languages: [es, en]",
        "languages: es",
        "service.languages: must be a list: [one, two]",
    ),
    "a section that is text": (
        "broadcasts: {approve_above: 200}",
        "broadcasts: yes",
        "broadcasts: must be a group of keys",
    ),
    "a port out of range": (
        "port: 8080}",
        "port: 80800}",
        "http.port: input should be less than or equal to 65535",
    ),
    "a duration without unit": (
        "confirm_after: 3d",
        "confirm_after: 3",
        "followups.confirm_after: must be a duration: 5s, 10m, 24h or 3d",
    ),
    "an hour that is none": ('from: "20:00"', 'from: "24:00"', 'quiet_hours.from: must be an hour in quotes: "20:00"'),
    "hours that never open": (
        'to: "08:00"',
        'to: "20:00"',
        "quiet_hours: from and to are equal, so no hour would be open for sending",
    ),
    "backups of a file, to nowhere": (
        "followups:",
        "backups: {every: 24h}\nfollowups:",
        "backups.folder: is missing: say where the backups of the SQLite store go",
    ),
    "closing before asking": (
        "close_after: 14d",
        "close_after: 72h",
        "followups.close_after: must be longer than confirm_after, or nobody is ever asked",
    ),
    "a time zone that is none": (
        "America/La_Paz",
        "America/Tacagua",
        "service.timezone: is not a time zone: write it like America/La_Paz",
    ),
    "a time zone that is a folder": (
        "America/La_Paz",
        "America",
        "service.timezone: is not a time zone: write it like America/La_Paz",
    ),
    "a country in small letters": (
        "country: BO",
        "country: bo",
        "service.country: is not a country: two capital letters, like BO",
    ),
    "a web address without scheme": (
        '"http://localhost:8080"',
        '"localhost:8080"',
        "service.public_url: must be a web address: https://host or http://host:port",
    ),
    "a web address with a bad port": (
        '"http://localhost:8080"',
        '"http://localhost:eighty"',
        "service.public_url: must be a web address: https://host or http://host:port",
    ),
    "a web address with a query": (
        '"http://localhost:8080"',
        '"http://localhost:8080/?a=1"',
        "service.public_url: must be a web address without user, ? or #",
    ),
    "a store of another kind": (
        "sqlite:///var/barrio.db",
        "mysql://x",
        "store.url: must be sqlite:///path/to/file or postgresql://user:${NAME}@host/database",
    ),
    "a store in memory only": (
        "sqlite:///var/barrio.db",
        "sqlite:///:memory:",
        "store.url: must be sqlite:///path/to/file or postgresql://user:${NAME}@host/database",
    ),
    "an unknown provider": (
        "provider: simulator, kind: sms",
        "provider: twillio, kind: sms",
        'channels.demo.provider: "twillio" is not a provider that we know (africastalking, simulator, smsgate, twilio)',
    ),
    "a kind that is none": ("kind: sms", "kind: fax", "channels.demo.kind: must be sms or ussd"),
    "a kind that the provider has not": (
        DEMO,
        DEMO + TWILIO.replace("kind: sms", "kind: ussd"),
        "channels.tw.kind: twilio has no ussd here",
    ),
    "a provider's key left out": (
        DEMO,
        DEMO + TWILIO.replace(', auth_token: "${TOKEN}"', ""),
        "channels.tw.auth_token: is missing: twilio needs it",
    ),
    "a phone without its address": (DEMO, DEMO + PHONE, "channels.ph.api: is missing: smsgate needs it"),
    "a secret that is not set": (
        DEMO,
        DEMO + TWILIO.replace("${TOKEN}", "${NOT_THERE}"),
        "channels.tw.auth_token: the variable NOT_THERE is not set, in the environment or in .env beside this file",
    ),
    "a variable's name that is none": (
        DEMO,
        DEMO + TWILIO.replace("${TOKEN}", "${TOKEN"),
        "channels.tw.auth_token: has a ${…} that is not a name: ${LIKE_THIS}",
    ),
    "a variable outside the secrets": (
        'address: "4040"',
        'address: "${SID}"',
        "channels.demo.address: takes no ${…}: only secrets and store.url do",
    ),
    "a secret too short": (
        DEMO,
        DEMO + AT.replace("${SECRET}", "${SHORT}"),
        "channels.at.secret: is too short: africastalking does not sign, so it needs 16 characters or more",
    ),
    "a secret that no web address holds": (
        DEMO,
        DEMO + AT.replace("${SECRET}", "sixteen/characters/and/more"),
        "channels.at.secret: stands in a web address: letters, digits, - and _ only",
    ),
    "an address that is no number": (
        'address: "4040"',
        'address: "BARRIO"',
        'channels.demo.address: must be a number or a short code in quotes: "+59170000000"',
    ),
    "an address that is no service code": (
        '"*384*40#"',
        '"4041"',
        'channels.demo-ussd.address: must be a service code in quotes: "*384*40#"',
    ),
    "speaking through nobody": (
        "speaks_through: demo",
        "speaks_through: dema",
        'channels.demo-ussd.speaks_through: "dema" is not one of the channels; did you mean demo?',
    ),
    "speaking through ussd": (
        "speaks_through: demo",
        "speaks_through: demo-ussd",
        'channels.demo-ussd.speaks_through: "demo-ussd" is not an sms channel, so it cannot speak first',
    ),
    "an sms channel that speaks through another": (
        'address: "4040"',
        'address: "4040", speaks_through: demo',
        "channels.demo.speaks_through: is only for ussd: an sms channel speaks for itself",
    ),
    "a default channel that is none": (
        "  country: BO\n",
        "  country: BO\n  default_channel: x\n",
        'service.default_channel: "x" is not one of the channels',
    ),
    "a simulator in public": (
        "http://localhost:8080",
        "https://barrio.example",
        'service.public_url: is public, and on the simulator "demo" anybody can pretend to be any number: remove the channel',
    ),
    "a price that is none": (
        "approve_above: 200",
        "approve_above: 200, price_per_segment: -1",
        "broadcasts.price_per_segment: must be a price: 0.28",
    ),
    "a price that is a word": (
        "approve_above: 200",
        "approve_above: 200, price_per_segment: cheap",
        "broadcasts.price_per_segment: must be a price: 0.28",
    ),
    "no city": ("city: city", "city: nowhere", "city: there is no folder nowhere"),
    "a language without words": (
        "[es, en]",
        "[es, qu]",
        'service.languages: "qu" has no words: there is no templates/sms/qu/words.yaml',
    ),
    "only a language that nobody reviewed": (
        "[es, en]",
        "[ay]",
        "service.languages: no language has words.yaml with reviewed_by filled in",
    ),
    "an alias": ("city: city", "city: &c city\nx: *c", "line 10: is not YAML: write the value out, without *"),
    "a tag": ("city: city", "city: !!python/name:os.system x", "city: has a tag (!…), which has no place here"),
    "a tag that does not fit": ("port: 8080", "port: !!int x", "http.port: has a value that its tag does not fit"),
    "a key that is a list": ("city: city", "[a, b]: city", "line 9: has a key that is not a word"),
    "not YAML": ("city: city", "city: {", "line 11: is not YAML: expected ',' or '}', but got ':'"),
}


def test_a_secret_that_is_empty_is_said_so(town):
    spoil(town / "config.yaml", DEMO, DEMO + TWILIO)
    with pytest.raises(ConfigError, match=r"the variable TOKEN is empty, in the environment or in \.env"):
        read(town, TOKEN="")


@pytest.mark.parametrize("fault", CONFIG_FAULTS.values(), ids=CONFIG_FAULTS)
def test_a_fault_in_config_is_one_line_with_file_and_key(town: Path, fault: tuple[str, str, str]) -> None:
    old, new, problem = fault
    spoil(town / "config.yaml", old, new)
    assert line(town) == f"config.yaml: {problem}"


CITY_FAULTS = {
    "a category without unit": ("categories", "unit: Aguas, ", "", "agua.unit: is missing"),
    "a category without days": ("categories", ", days: 10", "", "otro.days: is missing"),
    "a category due at once": (
        "categories",
        "days: 10",
        "days: 0",
        "otro.days: input should be greater than or equal to 1",
    ),
    "a category without a language": ("categories", ", en: Water", "", "agua.name.en: is missing"),
    "a category's name too long": (
        "categories",
        "es: Agua",
        "es: Agua potable y otras",
        "agua.name.es: string should have at most 16 characters",
    ),
    "a category that is no id": (
        "categories",
        "agua: {name",
        "Agua: {name",
        "Agua: is not an id: small letters, digits and - only, at most 64",
    ),
    "an unknown key of a category": (
        "categories",
        "unit: Aguas",
        "unid: Aguas, unit: Aguas",
        "agua.unid: is not a key that we know; did you mean unit?",
    ),
    "a place without macrodistrito": (
        "places",
        "macrodistrito: cotahuma, ",
        "",
        "places.alto-tacagua.macrodistrito: is missing",
    ),
    "a place in a macrodistrito that is none": (
        "places",
        "macrodistrito: cotahuma, ",
        "macrodistrito: sur, ",
        'places.alto-tacagua.macrodistrito: "sur" is not among macrodistritos',
    ),
    "a place written twice": (
        "places",
        "places:\n",
        "places:\n  alto-tacagua: {name: Otra, macrodistrito: cotahuma}\n",
        "places.alto-tacagua: is written twice (again on line 4)",
    ),
    "a holiday that is no day": ("holidays", "08-06", "08-36", 'fixed.1: must be a month and a day in quotes: "08-06"'),
    "a hotline checked never": (
        "hotlines",
        '"2027-06-30"',
        "soon",
        'bomberos.review_by: must be a day in quotes: "2027-01-31"',
    ),
}


@pytest.mark.parametrize("fault", CITY_FAULTS.values(), ids=CITY_FAULTS)
def test_a_fault_in_the_city_is_one_line_with_file_and_key(town: Path, fault: tuple[str, str, str, str]) -> None:
    file, old, new, problem = fault
    spoil(town / "city" / f"{file}.yaml", old, new)
    assert line(town) == f"city/{file}.yaml: {problem}"


def test_a_missing_city_file_is_named(town: Path) -> None:
    (town / "city" / "places.yaml").unlink()
    assert line(town) == "city/places.yaml: does not exist"


def test_a_config_that_does_not_exist(town: Path) -> None:
    (town / "config.yaml").unlink()
    assert line(town) == "config.yaml: does not exist"


def test_a_config_that_is_a_folder(town: Path) -> None:
    (town / "config.yaml").unlink()
    (town / "config.yaml").mkdir()
    assert line(town) == "config.yaml: is a folder, not a file"


def test_a_config_that_nobody_may_read(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert line(town) == "config.yaml: cannot be read (Permission denied)"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "is empty or not a group of keys"),
        (b"- a\n", "is empty or not a group of keys"),
        (b"a: 1\nname: \xf1u\n", "line 2: is not UTF-8 text: save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "line 1: is not UTF-8 text: save the file as UTF-8"),
        (b"a: 1\nb: x\x00y\n", "line 2: holds a character that text does not have"),
        (b"a: " + b"x" * (4 * 1024 * 1024), "is too large to have been written by hand"),
    ],
    ids=["empty", "a list", "latin-1", "utf-16", "NUL", "huge"],
)
def test_bytes_that_are_no_config(town: Path, raw: bytes, problem: str) -> None:
    (town / "config.yaml").write_bytes(raw)
    assert line(town) == f"config.yaml: {problem}"


def test_an_editor_on_windows_does_no_harm(town: Path) -> None:
    text = (town / "config.yaml").read_bytes()
    (town / "config.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert read(town).service.name == "Barrio Digital"


def test_what_a_right_config_becomes(town: Path) -> None:
    config = read(town)
    assert config.path == town / "config.yaml"
    assert config.service.timezone.key == "America/La_Paz"
    assert config.service.languages == ("es", "en")
    assert (config.quiet_hours.start, config.quiet_hours.end) == (time(20), time(8))
    assert config.followups.close_after == timedelta(days=14)
    assert config.outbox.expire_after == timedelta(hours=24)
    assert config.store.file == town / "var" / "barrio.db"
    ussd = config.channels["demo-ussd"]
    assert (ussd.id, ussd.kind, ussd.speaks_through) == ("demo-ussd", ChannelKind.USSD, "demo")
    city = config.city
    assert city.categories["agua"].words == {"agua": 2.0, "sin agua": 3.0}
    assert city.places["alto-tacagua"].aliases == ("tacagua",)
    assert city.holidays.fixed == frozenset({(1, 1), (8, 6)})
    assert city.hotlines["bomberos"].review_by == date(2027, 6, 30)
    assert city.words["es"].commands["stop"] == ("baja", "alto")


def test_a_language_that_nobody_reviewed_is_read_but_not_offered(town: Path) -> None:
    spoil(town / "config.yaml", "[es, en]", "[ay, es, en]")
    city = read(town).city
    assert city.languages == ("es", "en")
    assert city.words["ay"].reviewed_by == ""


def test_the_city_of_the_checkout_is_the_default(town: Path) -> None:
    spoil(town / "config.yaml", "city: city\n", "")
    assert "agua" in read(town).city.categories


def test_what_is_left_out_has_the_defaults_of_config_yaml(town: Path) -> None:
    text = (town / "config.yaml").read_text(encoding="utf-8")
    whole = read(town)
    (town / "config.yaml").write_text(text[: text.index("quiet_hours")], encoding="utf-8")
    short = read(town)
    for part in ("quiet_hours", "followups", "broadcasts", "outbox", "http"):
        assert getattr(short, part) == getattr(whole, part)


def test_secrets_come_from_the_environment_and_are_never_shown(town: Path) -> None:
    spoil(town / "config.yaml", DEMO + USSD, TWILIO + AT + PHONE.replace('"}', '", api: "http://192.0.2.1:8080/"}'))
    config = read(town)
    assert config.channels["tw"].auth_token == ENV["TOKEN"]
    assert config.channels["tw"].api == "https://api.twilio.com"
    assert config.channels["at"].secret == ENV["SECRET"]
    assert config.channels["ph"].api == "http://192.0.2.1:8080"
    assert not any(secret in repr(config) for secret in ENV.values())


def test_a_password_of_the_store_is_escaped_and_never_shown(town: Path) -> None:
    spoil(town / "config.yaml", "sqlite:///var/barrio.db", "postgresql://barrio:${PW}@localhost/barrio")
    config = read(town, PW="p@ss/w:rd")
    assert config.store.url == "postgresql://barrio:p%40ss%2Fw%3Ard@localhost/barrio"
    assert config.store.file is None
    assert "p%40ss" not in repr(config)


def test_two_ussd_codes_of_one_provider(town: Path) -> None:
    second = USSD.replace("demo-ussd", "demo-ussd2").replace("*384*40#", "*384*41#")
    spoil(town / "config.yaml", USSD, USSD + second)
    assert set(read(town).channels) == {"demo", "demo-ussd", "demo-ussd2"}


def test_a_simulator_in_public_is_allowed_for_a_demonstration(town: Path) -> None:
    spoil(town / "config.yaml", "http://localhost:8080", "https://barrio.example/")
    assert read(town, demo=True).service.public_url == "https://barrio.example"


def test_a_default_channel_and_a_price(town: Path) -> None:
    spoil(town / "config.yaml", "  country: BO\n", "  country: BO\n  default_channel: demo\n")
    spoil(town / "config.yaml", "approve_above: 200", "approve_above: 0, price_per_segment: 0.28, currency: USD")
    config = read(town)
    assert config.service.default_channel == "demo"
    assert (config.broadcasts.price_per_segment, config.broadcasts.currency) == (Decimal("0.28"), "USD")


def test_yaml_means_what_people_mean(town: Path) -> None:
    spoil(town / "config.yaml", 'from: "20:00", to: "08:00"', "from: 20:00, to: 08:00")
    spoil(town / "config.yaml", "name: Barrio Digital", "name: NO")
    config = read(town)
    assert config.quiet_hours.start == time(20)
    assert config.service.name == "NO"


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("http://localhost:8080", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:8080", False),
        ("http://192.168.1.20:8080", False),
        ("http://barrio.local", False),
        ("https://barrio.example", True),
        ("http://203.0.113.7", True),
        ("https://localhost.example", True),
    ],
)
def test_which_addresses_are_public(url: str, public: bool) -> None:
    assert is_public(url) is public
