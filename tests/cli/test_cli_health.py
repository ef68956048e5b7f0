"""What check finds in data that loads, and what doctor finds in a store that lives: each fault, spoilt one at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.messages import InboundMessage
from gateway import check, doctor
from gateway.findings import Finding, Level, about, serious
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


def words(config, language="es", **changed):
    new = replace(config.city.words[language], **changed)
    return city(config, words={**config.city.words, language: new})


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
    monkeypatch.setattr("gateway.check.WORDS", tmp_path)
    found = checked(city(config, languages=("es",)), clock)
    assert (Level.ERROR, "es/report/thanks.j2", "is not there") in found
