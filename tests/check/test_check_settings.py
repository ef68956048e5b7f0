"""Settings that are wrong in one way each: what ``barrio check`` says of each, word for word."""

import pytest
from click.testing import CliRunner

from gateway.check import settings
from gateway.cli.root import barrio
from gateway.config import HOME, ConfigError, load
from gateway.findings import Level
from gateway.lines import ChannelConfig

ERROR, WARNING = Level.ERROR, Level.WARNING
CONFIG = """\
service: {name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}
http: {host: 127.0.0.1, port: 8080}
store: {url: "sqlite:///unused.db"}
channels:
  demo: {provider: simulator, kind: sms, address: "4040"}
quiet_hours: {from: "20:00", to: "08:00"}
followups: {confirm_after: 3d, remind_after: 3d, close_after: 14d}
broadcasts: {approve_above: 200}
outbox: {expire_after: 24h}
"""
PHONE = '  phone: {provider: smsgate, kind: sms, address: "+59170000000", username: u, password: "${P}", '
KEYS = 'signing_key: "${K}", api: "http://192.0.2.10:8080"}\n'
AT = '  at: {provider: africastalking, kind: sms, address: "21512", username: u, api_key: "${K}", secret: "${S}"'
BIG = "a broadcast that needs no second person may be more than goes out in a day"
SECRETS = {"P": "p", "K": "k", "S": "s" * 16}


def limits(written):
    return ("outbox:", f"limits: {{{written}}}\noutbox:")


def channel(written):
    return ("quiet_hours:", f"{written}quiet_hours:")


#: What is broken: what is written instead of what, and all that is said of it.
BROKEN = {
    "hours that leave no day": (
        ('"20:00", to: "08:00"', '"08:30", to: "08:00"'),
        [(WARNING, "quiet_hours", "leaves 30 minutes a day in which anybody may be written to")],
    ),
    "hours within a day that leave little of it": (
        ('"20:00", to: "08:00"', '"01:00", to: "22:00"'),
        [(WARNING, "quiet_hours", "leaves 3 hours a day in which anybody may be written to")],
    ),
    "a message that does not live through the night": (
        ("expire_after: 24h", "expire_after: 12h"),
        [
            (
                WARNING,
                "outbox.expire_after",
                "what waits through the quiet hours (12 hours) expires before anybody may be written to",
            )
        ],
    ),
    "a case that closes before anybody can answer": (
        ("close_after: 14d", "close_after: 73h"),
        [(WARNING, "followups.close_after", "leaves 1 hour to answer the question")],
    ),
    "a reminder after the end": (
        ("remind_after: 3d", "remind_after: 12d"),
        [
            (
                WARNING,
                "followups.remind_after",
                "the reminder would come after the case is closed, so nobody is reminded",
            )
        ],
    ),
    "words that are gone at once": (
        ("outbox:", "retention: {texts: 23h, sensitive: 1h}\noutbox:"),
        [
            (WARNING, "retention.texts", "are gone after 23 hours"),
            (WARNING, "retention.sensitive", "are gone after 1 hour"),
        ],
    ),
    "confidential words kept longest": (
        ("outbox:", "retention: {texts: 100d, sensitive: 101d}\noutbox:"),
        [
            (
                WARNING,
                "retention.sensitive",
                "the words of confidential cases are kept longer than those of others",
            )
        ],
    ),
    "a row of one backup": (
        ("outbox:", "backups: {folder: copies, keep: 1}\noutbox:"),
        [(WARNING, "backups.keep", "keeps 1, so a fault that is seen late is in all of them")],
    ),
    "an alert to one of our own lines": (
        ("quiet_hours:", PHONE + KEYS + 'watch: {alert_to: "+59170000000"}\nquiet_hours:'),
        [(ERROR, "watch.alert_to", "is never written to (own_number), so nobody is told of trouble")],
    ),
    "an alert to a country that is never written to": (
        ("outbox:", 'limits: {countries: ["+591"]}\nwatch: {alert_to: "+5491100000000"}\noutbox:'),
        [(ERROR, "watch.alert_to", "is never written to (country_not_allowed), so nobody is told of trouble")],
    ),
    "a simulator that the network reaches": (
        ("host: 127.0.0.1", "host: 0.0.0.0"),
        [
            (
                WARNING,
                "http.host",
                'the whole network can reach the simulator "demo" and pretend to be any number',
            )
        ],
    ),
    "a secret in the file": (
        channel(AT.replace("${S}", "written-in-the-file") + "}\n"),
        [(WARNING, "channels.at.secret", "a secret stands in the file, where everybody who gets a copy reads it")],
    ),
    "passwords sent in clear": (
        channel(AT + ', api: "http://api.example"}\n'),
        [(WARNING, "channels.at.api", "passwords and messages travel readable for everybody on the way")],
    ),
    "a USSD code without a line that speaks for it": (
        channel('  dial: {provider: simulator, kind: ussd, address: "*384*40#"}\n'),
        [
            (
                WARNING,
                "channels.dial.speaks_through",
                "no sms channel speaks for this code, so receipts go by whichever is first",
            )
        ],
    ),
    "a country that is not ours": (
        limits('countries: ["+54"]'),
        [(ERROR, "limits.countries", "+591 is not among them, so nobody at home gets an answer")],
    ),
    "a day that is less than ten minutes": (
        limits("contact_day: 5"),
        [(WARNING, "limits.contact_day", "is less than contact_10_minutes, which is then never reached")],
    ),
    "a line that may send nothing": (
        limits("channels: {demo: 0}"),
        [(WARNING, "limits", 'nothing is sent on "demo"'), (WARNING, "limits.campaign_segments", BIG)],
    ),
    "a campaign that is less than one person may send": (
        limits("campaign_segments: 199"),
        [(WARNING, "limits.campaign_segments", BIG)],
    ),
    "a country that is less than one person may send": (
        limits("country_segments: 249"),
        [(WARNING, "limits.campaign_segments", BIG)],
    ),
}


def loaded(folder, old="", new=""):
    assert CONFIG.count(old) == 1 or not old
    file = folder / "config.yaml"
    file.write_text(CONFIG.replace(old, new) if old else CONFIG, encoding="utf-8")
    return load(file, SECRETS)


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_setting_is_found(tmp_path, case):
    (old, new), said = BROKEN[case]
    config = loaded(tmp_path, old, new)
    found = list(settings.examine(config))
    where = f"{config.path}: "
    assert [(one.level, one.where.removeprefix(where), one.what) for one in found] == said
    assert all(one.mend and one.where.startswith(where) for one in found)


def test_a_secret_is_found_and_not_told(tmp_path):
    [found] = settings.examine(loaded(tmp_path, *BROKEN["a secret in the file"][0]))
    assert found.mend == "write ${AT_SECRET} and put the value into .env"
    assert "written-in-the-file" not in str(found)


def test_what_we_ship_has_no_fault_in_its_settings(shipped, tmp_path):
    assert list(settings.examine(shipped)) == []
    assert list(settings.examine(loaded(tmp_path))) == []


@pytest.mark.parametrize("countries", ['"+591"', '"+5917", "+5916"', '"+5"', ""])
def test_limits_that_work(tmp_path, countries):
    assert list(settings.examine(loaded(tmp_path, *limits(f"countries: [{countries}]")))) == []


def test_a_line_of_ours_may_have_no_secret_at_all():
    assert ChannelConfig(id="demo", provider="simulator", kind="sms", address="4040").secret is None


#: What cannot even be loaded: what is written instead of what, and the one line that every command says.
REFUSED = {
    "quiet hours that never open": (
        ('to: "08:00"', 'to: "20:00"'),
        "quiet_hours: from and to are equal, so no hour would be open for sending",
    ),
    "a question after the case is closed": (
        ("confirm_after: 3d", "confirm_after: 14d"),
        "followups.close_after: must be longer than confirm_after, or nobody is ever asked",
    ),
    "a service without a line that can write": (
        ('kind: sms, address: "4040"', 'kind: ussd, address: "*1#"'),
        "channels: has no sms channel: without one nobody can be written to",
    ),
    "a cap for a line that is not there": (
        limits("channels: {dmo: 5}"),
        'limits.channels.dmo: "dmo" is not one of the channels; did you mean demo?',
    ),
    "a language without words": (
        ("[es, en]", "[es, fr]"),
        f'service.languages: "fr" has no words: there is no {HOME}/templates/sms/fr/words.yaml',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_setting_that_cannot_be_is_one_line_and_exit_2(tmp_path, case):
    (old, new), said = REFUSED[case]
    with pytest.raises(ConfigError):
        loaded(tmp_path, old, new)
    file = tmp_path / "config.yaml"
    result = CliRunner().invoke(barrio, ["check", "--config", str(file)], env=SECRETS)
    assert (result.exit_code, result.stderr) == (2, f"{file}: {said}\n")
