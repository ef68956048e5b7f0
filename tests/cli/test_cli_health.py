"""What check finds in data that loads, and what doctor finds in a store that lives: each fault, spoilt one at a time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dialogs.city import Hotline
from dialogs.messages import InboundMessage
from gateway import check, doctor
from gateway.check import cities, settings
from gateway.config import load
from gateway.findings import Finding, Level, about, serious
from gateway.lines import ChannelConfig
from store import alerts, cases, messages
from store.engines.postgresql import PostgresqlStore
from store.engines.sqlite import SqliteStore
from store.messages import InboundState, Settled

CODE = "482105930"
SHOWN = "case 482-105-930"


def found(terminal):
    """What doctor says to a program, without how to mend it."""
    result = terminal.type("doctor", "--json")
    findings = terminal.desk().read(lambda tx: doctor.examine(tx, terminal.clock.now()))
    assert result.exit_code == (1 if serious(findings) else 0)
    assert all(one.mend for one in findings)
    return [(one.level, one.where, one.what) for one in findings]


def sql(terminal, statement):
    terminal.do(lambda tx: tx.exec_driver_sql(statement))


def test_the_doctor_is_given_all_the_time_it_takes(terminal, monkeypatch):
    asked = []

    async def study(store, fn):
        asked.append(store)
        return await store.read(fn)

    for engine in (SqliteStore, PostgresqlStore):
        monkeypatch.setattr(engine, "study", study)
    assert terminal.says("doctor") == "All is well.\n"
    assert len(asked) == 1


def test_a_sound_store_has_nothing(terminal):
    terminal.open()
    terminal.says("case", "resolve", CODE, "--reply", "listo")
    terminal.says("case", "reopen", CODE)
    terminal.says("case", "resolve", CODE, "--reply", "listo")
    assert found(terminal) == []
    assert terminal.says("doctor") == "All is well.\n"
    assert terminal.json("doctor") == {"findings": []}


def test_the_shape_of_a_finding(desktop):
    desktop.open()
    sql(desktop, "UPDATE cases SET status = 'closed'")
    result = desktop.type("doctor", "--json")
    assert result.exit_code == 1
    assert '"findings": [\n    {\n      "level": "error",\n      "where": "case 482-105-930",' in result.stdout
    said = desktop.type("doctor").stdout
    assert said.startswith("error case 482-105-930: the status is not what the history says\n    compare with")


BROKEN = {
    "a status that history does not know": (
        "UPDATE cases SET status = 'answered'",
        [(Level.ERROR, SHOWN, "the status is not what the history says")],
    ),
    "a history that was changed": (
        "UPDATE case_events SET actor = 'nobody' WHERE seq = 1",
        [(Level.ERROR, SHOWN, "the history was changed after it was written")],
    ),
    "an audit log that was changed": (
        "UPDATE audit SET actor = 'nobody' WHERE seq = 1",
        [(Level.ERROR, "audit entry 1", "the audit log was changed after it was written")],
    ),
    "a code that is free": (
        "DELETE FROM codes",
        [(Level.ERROR, SHOWN, "the code could be given out again")],
    ),
    "a resolution without a question": (
        "DELETE FROM followups",
        [(Level.ERROR, SHOWN, "resolved, but nobody will be asked about it")],
    ),
    "a question about what is past": (
        "UPDATE followups SET resolution_no = 7 WHERE kind = 'close'",
        [(Level.ERROR, SHOWN, "a question waits about a resolution that is past")],
    ),
    "a hand-over that never ended": (
        "UPDATE outbound SET lease_until = 1 WHERE id = 1",
        [(Level.WARNING, "outbox", "1 messages were being sent when something stopped")],
    ),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_found(terminal, case):
    statement, findings = case
    terminal.open()
    terminal.says("case", "resolve", CODE, "--reply", "listo")
    sql(terminal, statement)
    assert found(terminal) == findings


def test_a_move_that_cannot_be_is_found(terminal):
    terminal.open()
    terminal.do(
        lambda tx: cases.change(tx, 1, actor="x", what="forged", at=terminal.clock.now(), data={"status": "closed"})
    )
    assert (Level.ERROR, SHOWN, "the history holds a move that cannot be") in found(terminal)


def test_a_code_that_could_not_be_is_found(terminal):
    terminal.open()
    sql(terminal, "UPDATE cases SET code = '482105931'")
    whats = [what for _, _, what in found(terminal)]
    assert "the code could not have been given out" in whats


def inbound(terminal):
    now = terminal.clock.now()
    message = InboundMessage(
        channel="demo", external_id="x", sender="+59170000001", recipient="4040", text="hola", received_at=now
    )
    [message_id] = terminal.do(lambda tx: messages.record(tx, [(message, None)]))
    return message_id


def test_a_message_that_nobody_acted_on_is_found_after_a_minute(terminal):
    inbound(terminal)
    assert found(terminal) == []
    terminal.clock.advance(timedelta(minutes=2))
    assert found(terminal) == [(Level.ERROR, "inbound", "1 messages were received and not acted on")]


def test_what_waits_for_a_person_is_found(terminal):
    message_id, now = inbound(terminal), terminal.clock.now()
    terminal.do(lambda tx: messages.settle(tx, [Settled(id=message_id, state=InboundState.FAILED)]))
    terminal.do(lambda tx: [alerts.raise_alert(tx, "emergency", code, now) for code in ("1", "2")])
    assert found(terminal) == [
        (Level.WARNING, f"inbound {message_id}", "this message could not be acted on; its sender got an apology"),
        (Level.WARNING, "alert emergency", "2 not looked at"),
    ]


def test_a_large_broadcast_by_one_person_is_found(terminal):
    for number in range(1, 4):
        terminal.open(number=f"+5917000000{number}")
    terminal.json("broadcast", "send", "--all", "--text", "corte de agua", "--yes")
    assert found(terminal) == []
    sql(terminal, "UPDATE broadcasts SET status = 'queued'")
    alone = [(Level.WARNING, "broadcast 1", "needed a second person, and went without one")]
    assert found(terminal) == alone
    assert "barrio broadcast status NUMBER" in terminal.type("doctor").stdout
    sql(terminal, "UPDATE broadcasts SET approved_by = created_by")
    assert found(terminal) == alone
    sql(terminal, "UPDATE broadcasts SET approved_by = 'luis'")
    assert found(terminal) == []


def test_what_one_person_may_send_is_no_fault_when_the_rule_becomes_stricter(terminal):
    for number in range(1, 3):
        terminal.open(number=f"+5917000000{number}")
    terminal.json("broadcast", "send", "--all", "--text", "corte de agua", "--yes")
    rules = terminal.config.broadcasts.model_copy(update={"approve_above": 1})
    terminal.config = replace(terminal.config, broadcasts=rules)
    assert found(terminal) == []
    sql(terminal, "UPDATE broadcasts SET approved_by = 'Ana'")
    sql(terminal, "UPDATE outbound SET broadcast_id = 1, state = 'in_doubt', due_at = NULL WHERE id = 2")
    what = "1 messages may or may not have been sent, and are not sent again"
    assert found(terminal) == [(Level.WARNING, "broadcast 1", what)]


def test_many_of_one_kind_are_one_finding():
    [one] = about([str(n) for n in range(12)], level=Level.ERROR, what="w", mend="m")
    assert one.where == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert list(about([], level=Level.ERROR, what="w", mend="m")) == []


def test_a_note_alone_needs_nobody():
    assert not serious([Finding(level=Level.NOTE, where="w", what="x", mend="m")])


# --- check ---

BIG = "a broadcast that needs no second person may be more than goes out in a day"


def checked(config, clock):
    return [
        (one.level, one.where, one.what) for one in check.examine(config, clock.now()) if one.level is not Level.NOTE
    ]


def test_what_we_ship_has_no_fault(desktop):
    assert desktop.says("check") == "All is well.\n"


@pytest.fixture
def config(desktop):
    return desktop.config


def city(config, **changed):
    return replace(config, city=replace(config.city, **changed))


def test_a_reminder_after_the_end(config, clock):
    times = config.followups.model_copy(update={"remind_after": timedelta(days=12)})
    [(level, where, what)] = checked(replace(config, followups=times), clock)
    assert (level, where) == (Level.WARNING, f"{config.path}: followups.remind_after")
    assert what == "the reminder would come after the case is closed, so nobody is reminded"


def test_a_simulator_that_the_network_reaches(config, clock):
    open_to_all = replace(config, http=config.http.model_copy(update={"host": "0.0.0.0"}))  # noqa: S104  the fault itself
    [(_, where, what)] = checked(open_to_all, clock)
    assert where == f"{config.path}: http.host"
    assert '"demo"' in what


@pytest.mark.parametrize(
    ("limits", "where", "what"),
    [
        ({"countries": ("+54",)}, "countries", "+591 is not among them, so nobody at home gets an answer"),
        ({"contact_day": 5}, "contact_day", "is less than contact_10_minutes, which is then never reached"),
        ({"channels": {"demo": 0}, "channel_segments": 9000}, "limits", 'nothing is sent on "demo"'),
        ({"campaign_segments": 199}, "campaign_segments", BIG),
        ({"country_segments": 249}, "campaign_segments", BIG),
    ],
)
def test_limits_that_cannot_work(config, clock, limits, where, what):
    alone = config.broadcasts.model_copy(update={"approve_above": 200})
    spoilt = replace(config, broadcasts=alone, limits=config.limits.model_copy(update=limits))
    found = checked(spoilt, clock)
    assert (found[0][1].rsplit(".", 1)[-1].split(" ")[-1], found[0][2]) == (where, what)


@pytest.mark.parametrize("countries", [("+591",), ("+5917", "+5916"), ("+5",), ()])
def test_limits_that_work(config, clock, countries):
    assert checked(replace(config, limits=config.limits.model_copy(update={"countries": countries})), clock) == []


def test_secrets_in_the_file_and_lines_that_leave_things_open(town, clock):
    text = (town / "config.yaml").read_text(encoding="utf-8")
    line = (
        '  at: {provider: africastalking, kind: sms, address: "21512", username: u, api_key: "${K}",'
        ' secret: "written-in-the-file", api: "http://api.example"}\n'
        '  at-ussd: {provider: africastalking, kind: ussd, address: "*1#", secret: "${S}"}\n'
    )
    (town / "config.yaml").write_text(text.replace("quiet_hours", line + "quiet_hours"), encoding="utf-8")
    config = load(town / "config.yaml", {"K": "k", "S": "s" * 16})
    found = list(settings._lines(config))
    assert [one.where.removeprefix(f"{town}/") for one in found] == [
        "config.yaml: channels.at.secret",
        "config.yaml: channels.at.api",
        "config.yaml: channels.at-ussd.speaks_through",
    ]
    assert found[0].mend == "write ${AT_SECRET} and put the value into .env"
    assert "written-in-the-file" not in str(found)


def test_categories_that_dialogs_need(config, clock):
    fewer = {name: one for name, one in config.city.categories.items() if name not in {"otro", "seguridad"}}
    assert list(cities.examine(city(config, categories=fewer).city, clock.now()))[:2] == [
        Finding(
            level=Level.ERROR, where="categories.yaml", what='has no category "otro"', mend="add it: dialogs use it"
        ),
        Finding(
            level=Level.ERROR,
            where="categories.yaml",
            what='has no category "seguridad"',
            mend="add it: dialogs use it",
        ),
    ]


def test_a_category_without_words(config, clock):
    categories = config.city.categories
    mute = categories | {"agua": replace(categories["agua"], words={}), "otro": replace(categories["otro"], words={})}
    assert checked(city(config, categories=mute), clock) == [(Level.WARNING, "agua", "has no words")]


def test_a_name_that_two_places_have(config, clock):
    places = config.city.places
    twice = places | {"obrajes": replace(places["obrajes"], aliases=("Sopocachi",))}
    [(level, where, what)] = checked(city(config, places=twice), clock)
    assert (level, where) == (Level.WARNING, "places.yaml")
    assert what.startswith('"sopocachi" may be any of: ')


def test_a_number_that_nobody_has_called_lately(config, clock):
    old = Hotline(id="old", name="Old", number="110", review_by=date(2026, 1, 1))
    notes = check.examine(city(config, hotlines={**config.city.hotlines, "old": old}), clock.now())
    assert [(one.level, one.what) for one in notes if "old" in one.where] == [
        (Level.NOTE, "the number has not been checked lately")
    ]


def words(config, language="es", **changed):
    new = replace(config.city.words[language], **changed)
    return city(config, words={**config.city.words, language: new})


def test_a_command_without_words(config, clock):
    commands = {name: said for name, said in config.city.words["es"].commands.items() if name != "stop"}
    assert checked(words(config, commands=commands), clock) == [
        (Level.ERROR, "es/words.yaml: commands", "has no words for: stop")
    ]


def test_a_command_that_nothing_listens_to(config, clock):
    commands = {**config.city.words["es"].commands, "dance": ("baile",)}
    assert checked(words(config, commands=commands), clock) == [
        (Level.ERROR, "es/words.yaml: commands", "nothing listens to: dance")
    ]


def test_a_phrase_of_two_commands(config, clock):
    said = config.city.words["es"].commands
    commands = {**said, "help": (*said["help"], "baja")}
    assert checked(words(config, commands=commands), clock) == [
        (Level.ERROR, "es/words.yaml: commands", '"baja" is stop and help')
    ]


def test_a_language_that_nobody_has_read_is_a_note(config, clock):
    unread = replace(config.city.words["en"], language="ay", reviewed_by="")
    findings = check.examine(city(config, words={**config.city.words, "ay": unread}), clock.now())
    assert [(one.level, one.where) for one in findings if "speaker has read" in one.what] == [
        (Level.NOTE, "ay/words.yaml")
    ]


def test_an_option_without_a_word(config, clock):
    options = {name: label for name, label in config.city.words["es"].options.items() if name != "menu_report"}
    only_es = city(words(config, options=options), languages=("es",))
    assert checked(only_es, clock) == [(Level.ERROR, "es/words.yaml: options", 'has no "menu_report"')]


def test_words_that_are_too_long(config, clock):
    options = {**config.city.words["es"].options, "menu_report": "x" * 120}
    found = checked(words(config, options=options), clock)
    whats = [what for _, where, what in found if where == "es/menu/main.j2"]
    assert any(what.startswith("takes 2 segments at its longest, and may take 1") for what in whats)
    assert any("characters on a USSD screen, which holds 156" in what for what in whats)
    assert any(what.endswith("(behind common/miss)") for what in whats)


def test_a_template_that_is_not_there(config, clock, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.check.HOME", tmp_path)
    found = checked(city(config, languages=("es",)), clock)
    assert (Level.ERROR, "es/report/thanks.j2", "is not there") in found


def test_a_line_of_ours_may_have_no_secret_at_all():
    assert ChannelConfig(id="demo", provider="simulator", kind="sms", address="4040").secret is None
