"""Notices from the command line: looked at, sent, watched, approved by another, stopped. On both engines."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dialogs.messages import Consent
from gateway import app
from gateway.cli import broadcast, shapes
from gateway.cli.phone import Network, Phone
from store import contacts, schema

TEXT = "Corte de agua el lunes"


def people(terminal, count, place="alto-tacagua"):
    """Contacts of one place; the first wants no notices."""

    def make(tx):
        now = terminal.clock.now()
        seen = [
            contacts.Seen(msisdn=f"+5917000{n:04d}", language="es", at=now, sms_channel="demo") for n in range(count)
        ]
        for one in contacts.ensure(tx, seen).values():
            contacts.set_places(tx, {one.id: place}, now)
            if one.msisdn.endswith("0000"):
                contacts.consent(tx, one.id, Consent.OUT, "test", now)

    terminal.do(make)


def serve(terminal):
    """What a serve does in a moment: queue, and hand over."""

    async def settle():
        joined = app.build(terminal.config, terminal.clock, Network([]))
        await joined.open()
        try:
            await joined.settle()
        finally:
            await joined.stop()

    asyncio.run(settle())


def test_a_preview_shows_whom_how_long_and_how_much(terminal):
    people(terminal, 4)
    assert terminal.json("broadcast", "preview", "--place", "Alto Tacagua", "--text", TEXT) == {
        "recipients": 3,
        "opted_out": 1,
        "segments": 1,
        "total_segments": 3,
        "cost": "0.84",
        "currency": "BOB",
        "needs_approval": True,
        "texts": {"es": f"{TEXT}\nPara no recibir avisos, responda BAJA."},
    }
    assert terminal.says("broadcast", "preview", "--all", "--text", TEXT).splitlines() == [
        "es",
        TEXT,
        "Para no recibir avisos, responda BAJA.",
        "",
        "3 people get it; 1 want no notices and do not.",
        "1 SMS each at most, 3 in all, about 0.84 BOB.",
        "So many people need a second person's approval.",
    ]
    assert terminal.rows("broadcasts", "id") == []


def test_a_small_notice_goes_out_at_once(terminal):
    people(terminal, 3)
    sent = terminal.json("broadcast", "send", "--place", "alto-tacagua", "--text", TEXT, "--yes", "--as", "Ana")
    assert sent == {
        "id": 1,
        "status": "queueing",
        "place": "alto-tacagua",
        "created_by": "Ana",
        "approved_by": None,
        "recipients": 2,
        "waiting": 2,
        "sent": 0,
        "delivered": 0,
        "failed": 0,
        "in_doubt": 0,
        "expired": 0,
        "cancelled": 0,
        "skipped": 0,
        "held": {},
        "replies": 0,
        "segments": 2,
    }
    serve(terminal)
    assert terminal.says("broadcast", "status", "1") == "Broadcast 1 to alto-tacagua: queued\n  of 2: 2 sent\n"
    assert [number for number, _ in terminal.queued()] == ["+59170000001", "+59170000002"]
    assert terminal.acts() == [("Ana", "broadcast.created", "1")]


def test_a_large_notice_waits_for_a_second_person(terminal):
    people(terminal, 4)
    said = terminal.says("broadcast", "send", "--all", "--text", TEXT, "--yes", "--as", "Ana")
    assert said == ("Broadcast 1 is kept.\nIt waits for a second person: barrio broadcast approve 1 --as NAME\n")
    serve(terminal)
    assert terminal.queued() == []
    assert terminal.refuses("broadcast", "approve", "1", "--as", "Ana") == "a second person must approve it"
    approved = terminal.json("broadcast", "approve", "1", "--as", "Luis")
    assert (approved["status"], approved["approved_by"]) == ("queueing", "Luis")
    line = terminal.refuses("broadcast", "approve", "1", "--as", "Eva")
    assert line == "broadcast 1 does not wait for approval: it is queueing"
    serve(terminal)
    assert len(terminal.queued()) == 3


def test_a_notice_that_is_stopped_reaches_nobody_more(terminal):
    people(terminal, 3)
    terminal.says("broadcast", "send", "--all", "--text", TEXT, "--yes", "--no-wait")
    assert "cancelled" in terminal.says("broadcast", "cancel", "1", "--as", "Luis")
    assert terminal.json("broadcast", "cancel", "1")["cancelled"] == 2
    serve(terminal)
    assert terminal.queued() == []
    assert [act for _, act, _ in terminal.acts()] == ["broadcast.created", "broadcast.cancelled"]


def test_what_is_delivered_is_done_and_cannot_be_stopped(terminal):
    people(terminal, 3)
    terminal.says("broadcast", "send", "--all", "--text", TEXT, "--yes", "--no-wait")
    serve(terminal)
    terminal.do(lambda tx: tx.execute(sa.update(schema.outbound).values(state="delivered")))
    assert terminal.json("broadcast", "status", "1")["status"] == "done"
    assert terminal.says("broadcast", "status") == "Broadcast 1 to everybody: done\n  of 2: 2 delivered\n"
    line = terminal.refuses("broadcast", "cancel", "1")
    assert line == "nothing of broadcast 1 is left to stop: all of it has been handed over"
    assert terminal.rows("broadcasts", "status") == [("queued",)]


def test_sending_is_watched_until_all_is_handed_over(desktop, monkeypatch):
    people(desktop, 3)
    monkeypatch.setattr(broadcast, "_pause", lambda: serve(desktop))
    said = desktop.says("broadcast", "send", "--all", "--text", TEXT, "--yes")
    assert said.startswith("Broadcast 1 is kept.\n")
    assert "2/2" in said
    assert said.endswith("Broadcast 1 to everybody: queued\n  of 2: 2 sent\n")


def test_watching_ends_when_nobody_sends(desktop, monkeypatch):
    people(desktop, 2)
    monkeypatch.setattr(broadcast, "_LOOK", 0)
    said = desktop.says("broadcast", "send", "--all", "--text", TEXT, "--yes")
    assert said.endswith("It goes on by itself while barrio serve runs: barrio broadcast status 1\n")


def test_leaving_while_it_is_watched_changes_nothing(desktop, monkeypatch):
    def leave() -> None:
        raise KeyboardInterrupt

    people(desktop, 2)
    monkeypatch.setattr(broadcast, "_pause", leave)
    assert "1 waiting" in desktop.says("broadcast", "send", "--all", "--text", TEXT, "--yes")
    serve(desktop)
    assert len(desktop.queued()) == 1


def test_it_is_shown_and_asked_before_it_is_sent(desktop):
    people(desktop, 2)
    result = desktop.type("broadcast", "send", "--all", "--text", TEXT, keys="n\n")
    assert result.exit_code == 1
    assert "1 people get it" in result.stdout
    assert desktop.rows("broadcasts", "id") == []
    assert "is kept" in desktop.says("broadcast", "send", "--all", "--text", TEXT, "--no-wait", keys="y\n")


@pytest.mark.parametrize("keys", ["s\n", "Sí\n", "yes\n", "maybe\nsi\n"])
def test_it_may_be_agreed_to_in_spanish(desktop, keys):
    people(desktop, 2)
    assert "is kept" in desktop.says("broadcast", "send", "--all", "--text", TEXT, "--no-wait", keys=keys)


def test_enter_alone_does_not_agree(desktop):
    people(desktop, 2)
    assert desktop.type("broadcast", "send", "--all", "--text", TEXT, keys="\n").exit_code == 1
    assert desktop.rows("broadcasts", "id") == []


def test_a_program_is_asked_beside_its_answer(desktop):
    people(desktop, 2)
    result = desktop.type("broadcast", "send", "--all", "--text", TEXT, "--json", keys="y\n")
    assert result.stdout.startswith("{")
    assert "Send it?" in result.stderr


def test_each_reads_it_in_their_language(desktop):
    people(desktop, 3)
    desktop.do(lambda tx: contacts.set_language(tx, 3, "en"))
    desktop.says("broadcast", "send", "--all", "--text", TEXT, "--text", "en=No water on Monday", "--yes", "--no-wait")
    serve(desktop)
    assert [text.split("\n")[0] for _, text in desktop.queued()] == [TEXT, "No water on Monday"]


def test_an_equals_sign_in_a_text_is_no_language(desktop):
    people(desktop, 2)
    assert desktop.json("broadcast", "preview", "--all", "--text", "2+2=4")["texts"]["es"].startswith("2+2=4\n")


def test_the_latest_are_listed(desktop):
    assert desktop.says("broadcast", "status") == "No broadcasts.\n"
    assert desktop.json("broadcast", "status") == []
    people(desktop, 2)
    for text in ("uno", "dos"):
        desktop.says("broadcast", "send", "--all", "--text", text, "--yes", "--no-wait")
    assert [row["id"] for row in desktop.json("broadcast", "status")] == [2, 1]
    assert desktop.says("broadcast", "status").count("1 waiting") == 2


REFUSED = {
    "to nobody in particular": (("preview", "--text", "x"), "say to whom: either --all or --place NAME"),
    "to all and some": (
        ("preview", "--text", "x", "--all", "--place", "y"),
        "say to whom: either --all or --place NAME",
    ),
    "a place that is none": (
        ("send", "--text", "x", "--place", "Kathmandu"),
        "there is no such place: write a zone or barrio as in city/places.yaml",
    ),
    "nothing": (("preview", "--text", "  ", "--all"), "it says nothing"),
    "a letter": (("preview", "--text", "x" * 1200, "--all"), "it takes 9 segments, at most 6 are sent"),
    "twice in one language": (("preview", "--text", "x", "--text", "es=y", "--all"), "the text in es is there twice"),
    "nobody to read it": (("send", "--text", "x", "--all", "--yes"), "nobody would receive it"),
    "a number that is none": (("status", "7"), "there is no broadcast 7"),
    "approving nothing": (("approve", "7"), "there is no broadcast 7"),
    "stopping nothing": (("cancel", "7"), "there is no broadcast 7"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_one_line(desktop, case):
    words, line = case
    assert desktop.refuses("broadcast", *words) == line
    assert desktop.rows("broadcasts", "id") == []


def test_what_a_brake_holds_is_shown_and_goes_on_the_next_day(terminal):
    people(terminal, 4)
    terminal.config = replace(
        terminal.config, limits=terminal.config.limits.model_copy(update={"campaign_segments": 2})
    )
    made = terminal.json("broadcast", "send", "--all", "--text", TEXT, "--yes", "--as", "ana")
    terminal.json("broadcast", "approve", str(made["id"]), "--as", "luis")
    serve(terminal)
    row = terminal.json("broadcast", "status", str(made["id"]))
    assert (row["status"], row["sent"], row["waiting"], row["held"]) == ("queued", 2, 1, {"campaign_limit": 1})
    assert "1 held: campaign limit" in terminal.says("broadcast", "status", str(made["id"]))
    terminal.clock.advance(hours=23)
    serve(terminal)
    row = terminal.json("broadcast", "status", str(made["id"]))
    assert (row["sent"], row["waiting"], row["held"]) == (3, 0, {})


def answer(terminal, number, words):
    """What a resident writes to a served gateway."""

    async def told():
        joined = app.build(terminal.config, terminal.clock, Network([]))
        await joined.open()
        try:
            await Phone(joined, number).text(words)
        finally:
            await joined.stop()

    asyncio.run(told())


@pytest.fixture
def answered(terminal):
    """A notice to which one of two people wrote, with a number in it."""
    people(terminal, 3)
    terminal.says("broadcast", "send", "--all", "--text", TEXT, "--yes", "--no-wait", "--as", "Ana")
    serve(terminal)
    answer(terminal, "+59170000001", "hasta que hora es el corte? respondan al 70000123")
    return terminal


def test_replies_are_counted_and_read_and_show_nobodys_number(answered):
    assert answered.json("broadcast", "status", "1")["replies"] == 1
    last = "  1 answered: barrio broadcast replies 1\n"
    assert answered.says("broadcast", "status", "1").endswith(last)
    [reply] = answered.json("broadcast", "replies", "1", "--as", "Luis")
    assert reply == {
        "id": reply["id"],
        "at": shapes.moment(answered.clock.now()),
        "place": "alto-tacagua",
        "text": "hasta que hora es el corte? respondan al ######23",
    }
    at = shapes.local(answered.clock.now(), answered.config.service.timezone)
    assert answered.says("broadcast", "replies", "1", "--as", "Luis").splitlines() == [
        f"{reply['id']}  {at}  alto-tacagua  hasta que hora es el corte? respondan al ######23",
        "Is one of them a problem? barrio case open --reply NUMBER --text …",
    ]
    assert answered.acts()[1:] == [("Luis", "broadcast.replies_read", "1")] * 2


def test_a_reply_becomes_a_case_of_who_wrote_it(answered):
    [reply] = answered.json("broadcast", "replies", "1")
    said = answered.says("case", "open", "--reply", str(reply["id"]), "--text", "no hay agua en Alto Tacagua")
    assert "The resident will be told by SMS." in said
    assert answered.queued()[-1][0] == "+59170000001"
    words = ("case", "open", "--text", "no hay agua", "--reply", str(reply["id"]), "--for", "+59170000001")
    assert answered.refuses(*words) == "say for whom: either --for or --reply"
    line = "there is no reply 99, or who wrote it is forgotten: see barrio broadcast replies"
    assert answered.refuses("case", "open", "--text", "no hay agua", "--reply", "99") == line


def test_erased_words_are_said_to_be_so_and_no_replies_too(answered):
    answered.do(lambda tx: tx.execute(sa.update(schema.inbound).values(text="")))
    answered.do(lambda tx: tx.execute(sa.update(schema.contacts).values(place=None)))
    assert answered.says("broadcast", "replies", "1").splitlines()[0].endswith("  -  (erased)")
    answered.do(lambda tx: tx.execute(sa.delete(schema.replies)))
    assert answered.says("broadcast", "replies", "1") == "No replies.\n"
    assert answered.json("broadcast", "replies", "1") == []
    assert answered.refuses("broadcast", "replies", "9") == "there is no broadcast 9"
