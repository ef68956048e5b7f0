"""``barrio transcript``: what a store keeps of a conversation becomes a test that plays, with nobody's numbers in it."""

import asyncio

import pytest
import sqlalchemy as sa

from dialogs.messages import Consent, ConsentChange
from dialogs.outreach import Audience
from gateway.clock import with_check_digit
from gateway.rehearsal.disguise import Disguise
from gateway.rehearsal.player import NotATranscript
from gateway.rehearsal.stage import stage
from gateway.work import broadcasts, merging
from gateway.work.casework import NotPossible
from gateway.work.relabelling import Labels, relabel
from store import audit, schema
from tests.cli.life import live
from tests.cli.test_cli_replay import REPORT, one_code, reworded, some_days

SHOWN = "482-105-930"
_ACT = schema.case_events.c.what == "not_competent"
NUMBERS = ("71234567", "4839201", "Luz\n", "Ana")


def told(terminal, whose):
    """The transcript and the hints that go with it."""
    result = terminal.type("transcript", whose)
    assert result.exit_code == 0, result.output
    return result.stdout, [line for line in result.stderr.splitlines() if not line.startswith("{")]


def played(terminal, text):
    """How a transcript goes when it is played as a test plays it."""

    async def play():
        async with stage(terminal.config) as (_, player):
            return await player.play(text)

    return asyncio.run(play())


@pytest.mark.parametrize("number", [1, 2, 4, 5])
def test_every_conversation_plays_as_it_was(desktop, number):
    live(desktop, some_days)
    text, hints = told(desktop, f"+5917000{number:04d}")
    assert hints == ["Names stay in people's words: read it before you keep it."]
    assert "\n# What" not in text
    assert played(desktop, text) == text
    assert not any(name in text for name in NUMBERS)


def test_the_same_on_both_engines_by_the_code_of_a_case(terminal):
    async def write(life):
        phone = life.phone(7)
        await phone.text("buenas")
        await life.wait(days=2)
        await phone.text("no hay luz en la cancha de Alto Tacagua, llame al 71234567")
        await life.wait(hours=26)
        await life.staff(7, "resolve", reply="se cambió el foco")
        await life.wait(days=3)
        await phone.text("1")
        await phone.text("5")
        await life.wait(days=1)
        await phone.text("otra cosa: hay un bache grande en Sopocachi")

    live(terminal, write)
    [code] = [one["code"] for one in terminal.json("case", "list") if one["category"] == "alumbrado"]
    text, _ = told(terminal, code)
    assert (
        text
        == f"""\
start: 2026-03-04 10:00
> no hay luz en la cancha de Alto Tacagua, llame al 70000011
< Caso {SHOWN} recibido. Luz de la calle, Alto Tacagua. Si no es asi responda 1. Plazo vie 13 mar. Para ver como va, envie el codigo.
= case {SHOWN} opened alumbrado alto-tacagua due 2026-03-13
. -
@ +1 day 2 hours
. -
staff: resolve "se cambió el foco"
< Caso {SHOWN}, resuelto segun la Alcaldia: se cambio el foco. Pronto le preguntaremos si es verdad.
= case {SHOWN} resolved by ana status resolved
. -
@ +3 days
< Caso {SHOWN} (Luz de la calle): nos informan que esta resuelto. ¿Quedo bien? Responda:
| 1 Si
| 2 A medias
| 3 No
. confirm/ask
> 1
< Gracias. Cerramos el caso {SHOWN}. ¿Como lo atendieron? Responda de 1 a 5:
| 1 Muy mal
| 2 Mal
| 3 Regular
| 4 Bien
| 5 Muy bien
= case {SHOWN} closed by resident status closed
. confirm/rate
> 5
< Gracias por su respuesta. Quedó registrada.
= case {SHOWN} rated by resident
. -
"""
    )
    assert terminal.json("transcript", code) == {"transcript": text, "differences": 0, "confidential": False}


def test_what_is_said_otherwise_now_stands_beside_what_was(desktop, monkeypatch, tmp_path):
    async def write(life):
        await life.phone(1).text(REPORT)

    live(desktop, write)
    reworded(monkeypatch, tmp_path, "report/thanks", "Gracias.")
    text, hints = told(desktop, SHOWN)
    assert hints[1:] == ["This working tree does not say all as it was said: 1 remarks tell what was."]
    assert "\n< Gracias.\n" in text
    assert f"\n# What was said: Caso {SHOWN} recibido. Luz" in text


def test_a_question_that_is_put_otherwise_now_is_told_at_the_end(desktop, monkeypatch, tmp_path):
    async def write(life):
        await life.phone(1).text(REPORT)
        await life.staff(1, "resolve", reply="listo")
        await life.phone(1).text("gracias")

    live(desktop, write)
    reworded(monkeypatch, tmp_path, "notice/resolved", "{{ code | code }}: {{ reply }}")
    text, _ = told(desktop, "+59170000001")
    assert "\n# What was said too, unasked: Caso 482-105-930, resuelto" in text


def test_what_is_confidential_is_read_on_record(desktop):
    async def bribe(life):
        await life.phone(1).text("un funcionario me pidio coima en Sopocachi")

    live(desktop, bribe)
    _, hints = told(desktop, "+59170000001")
    assert hints[1:] == ["It touches a confidential case."]
    [entry] = [one for one in desktop.do(lambda tx: audit.entries(tx, 10)) if one.act == "case.read"]
    assert entry.actor == "cli:rosa"


def test_screens_that_break_and_come_again(desktop):
    async def dial(life):
        four = life.phone(4)
        await four.dial()
        await four.press("1")
        session, history = four.dialled, four.history
        await life.wait(minutes=10)
        await four.dial()  # offered to go on
        await four.press("1")
        await four.press("no hay agua en Pampahasi")
        four.dialled, four.history = session, history

    live(desktop, dial)
    text, hints = told(desktop, "+59170000004")
    assert len(hints) == 1
    assert text.count("> *384*40#\n") == 2
    assert played(desktop, text) == text


def test_notices_and_a_providers_word_stand_in_it(desktop):
    async def write(life):
        await life.phone(1).text(REPORT)
        desk = life.app
        for place in ("alto-tacagua", None):
            await desk.store.transact(
                lambda tx, place=place: broadcasts.create(
                    tx, desk.house, life.clock.now(), "Ana", {"es": "Corte de agua"}, Audience(place=place)
                )
            )
            await desk.settle()
            await life.wait(hours=1)
        out = ConsentChange(channel="demo", sender="+59170000001", kind=Consent.OUT, at=life.clock.now())
        await desk.inbox.receive([out])
        await life.wait(hours=1)
        await life.phone(1).text(REPORT)

    live(desktop, write)
    text, _ = told(desktop, "+59170000001")
    assert 'staff: broadcast "Alto Tacagua" "Corte de agua"\n' in text
    assert 'staff: broadcast everybody "Corte de agua"\n' in text
    assert "# The provider told us: no more messages (out).\n" in text


@pytest.mark.parametrize(
    ("whose", "line"),
    [
        ("+59170000099", "nobody with this number has written to us"),
        (with_check_digit("48299999"), f"there is no case 482-999-99{with_check_digit('48299999')[-1]}"),
        ("nobody", "this is not a tracking code: nine digits, like 482-105-930"),
    ],
)
def test_who_is_not_known_is_refused(desktop, whose, line):
    assert desktop.refuses("transcript", whose) == line


def test_a_case_without_a_telephone_has_no_conversation(desktop):
    code = desktop.open(number=None)
    assert desktop.refuses("transcript", code) == "this case has no telephone: there was no conversation"


def test_erased_words_cannot_be_told(desktop):
    live(desktop, lambda life: life.phone(1).text(REPORT))
    desktop.says("forget", "+59170000001", "--yes")
    assert "nobody with this number" in desktop.refuses("transcript", "+59170000001")


def test_a_conversation_of_which_words_were_erased_is_not_told_by_half(desktop):
    live(desktop, lambda life: life.phone(1).text(REPORT))
    desktop.do(lambda tx: tx.execute(sa.update(schema.inbound).values(text="", sender="")))
    expected = "words of this conversation were erased: there is nothing whole to tell"
    assert desktop.refuses("transcript", "+59170000001") == expected


def test_an_answer_that_does_not_fit_is_told_in_one_line(desktop, monkeypatch, tmp_path):
    live(desktop, lambda life: life.phone(1).text(REPORT))
    reworded(monkeypatch, tmp_path, "report/thanks", "muy largo " * 20)
    said = desktop.type("transcript", "+59170000001")
    assert said.exit_code == 1
    assert said.stderr.startswith("this working tree says something that does not fit: 200 characters, 2 segments: muy")


def test_an_act_that_is_no_longer_possible_stands_as_a_remark(desktop):
    async def write(life):
        await life.phone(1).text(REPORT)
        await life.staff(1, "not_competent", body="EPSAS")

    live(desktop, write)
    desktop.do(lambda tx: tx.execute(sa.update(schema.case_events).where(_ACT).values(what="reopened")))
    text, _ = told(desktop, "+59170000001")
    assert "\n# staff: reopen (482-105-930: a case that is received cannot become reopened)\n" in text


def test_a_relabel_is_told_with_what_it_put_right(desktop):
    async def write(life):
        await life.phone(1).text(REPORT)
        await life.staff(1, relabel, to=Labels(category="parques"))
        await life.staff(1, relabel, to=Labels(category="parques", place="sopocachi"))

    live(desktop, write)
    text, _ = told(desktop, "+59170000001")
    assert [line for line in text.splitlines() if line.startswith("staff:")] == [
        "staff: relabel parques",
        "staff: relabel parques sopocachi",
    ]


def test_a_merge_is_told_with_both_codes_and_one_with_a_strangers_case_as_a_remark(desktop):
    async def write(life):
        await life.phone(1).text(REPORT)
        first = await one_code(life, 1)
        await life.wait(minutes=5)
        await life.phone(1).text("el poste de Alto Tacagua no alumbra")
        await life.phone(2).text(REPORT)
        merged = await life.staff(1, merging.merge, into=first.code)
        await life.staff(1, merging.split, merged)
        await life.staff(1, merging.merge, into=(await one_code(life, 2)).code)

    live(desktop, write)
    text, _ = told(desktop, "+59170000001")
    assert "\nstaff: merge 482-105-949 482-105-930\n" in text
    assert "\nstaff: split\n" in text
    assert "\n# staff: merge 482-105-949 900-000-008 (there is no case 900-000-008)\n" in text


@pytest.mark.parametrize("line", ["hola", "@ mañana", "staff: dance"])
def test_a_line_that_is_none_is_refused(desktop, line):
    with pytest.raises((NotATranscript, NotPossible)):
        played(desktop, f"> {REPORT}\n{line}\n")


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ("835204772", "482105930"),
        ("mi codigo es 835.204.772 gracias", "mi codigo es 482.105.930 gracias"),
        ("835204727", "482105903"),  # two digits swapped
        ("835204773", "482105931"),  # one wrong
        ("83520477", "48210593"),  # one lost
        ("ocho tres cinco dos cero cuatro siete siete dos", "482-105-930"),
        ("llame al +591 71234567", "llame al +591 70000011"),
        ("llame al 71234567 o 71234567 o 60001111", "llame al 70000011 o 70000011 o 70000012"),
        ("carnet 4839201", "carnet 2000011"),
        ("el 12/11/2026 a las 10, calle 1234, llame al 110", "el 12/11/2026 a las 10, calle 1234, llame al 110"),
        (with_check_digit("12345678"), with_check_digit("90000000")),  # somebody else's
    ],
)
def test_a_disguise_keeps_how_it_was_written(written, hidden):
    disguise = Disguise()
    disguise.code("835204772", "482105930")
    assert disguise(written) == hidden
