"""``barrio replay``: what was said, beside what would be said now. Nothing is sent and nothing is written."""

import hashlib
import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.messages import Consent, ConsentChange
from gateway.cli.phone import latest_case
from gateway.config import WORDS
from gateway.inbound import conversation
from gateway.work import forgetting, merging
from gateway.work.relabelling import Labels, relabel
from store import contacts, schema
from tests.cli.life import live

REPORT = "no hay luz en mi calle en Alto Tacagua"


async def some_days(life):
    """Each way in which a case can come and go, and everything that time and staff do."""
    one, two, three, four = (life.phone(number) for number in (1, 2, 3, 4))
    await one.text(REPORT)
    await two.text("se ha rebalsado el alcantarillado")
    await life.wait(minutes=5)
    await two.text("Villa Copacabana")
    mine = (await one_code(life, 1)).code
    await three.text(mine)  # a neighbour asks with another's code
    await four.dial()
    for keys in ("1", "4", "mal"):
        await four.press(keys)
    await four.text("Tembladerani")
    await life.wait(days=1)
    await life.staff(1, "assign", to="Luz")
    await life.staff(1, "start")
    await life.staff(2, "plan", due=life.clock.now() + timedelta(days=4))
    await life.staff(1, "resolve", reply="se cambió el foco")
    await life.staff(1, "note", text="mirar otra vez")
    await life.staff(2, relabel, to=Labels(category="alcantarillado", place="Obrajes"))
    await life.wait(days=4)
    await one.text("no")
    await life.staff(1, "resolve", reply="ahora si, otro foco")
    await life.staff(2, "resolve", reply="se destapo")
    await life.staff(4, "not_competent", body="EPSAS")
    await life.wait(days=4)
    await one.text("1")
    await one.text("5")
    await life.wait(hours=1)
    await one.text("sale agua podrida del desague")  # half told and left: filed when its time is over
    await life.wait(days=2)
    await two.text("BAJA")
    await life.file(text="hay ratas en el mercado de Pampahasi", msisdn="+59170000005")
    await life.staff(5, relabel, to=Labels(category="animales", place="Sopocachi"))
    await life.staff(5, relabel, to=Labels(category="basura"))
    await life.staff(5, "start")
    await life.staff(5, "resolve", reply="se fumigo")
    await life.staff(5, "reopen")
    await life.app.inbox.receive(
        [ConsentChange(channel="demo", sender="+59170000005", kind=Consent.OUT, at=life.clock.now())]
    )
    await life.wait(days=20)
    await one.text("mi cel es 71234567 y mi carnet 4839201, no ay agua en Pampahasi")


async def one_code(life, number):
    return await life.app.store.read(lambda tx: latest_case(tx, life.phone(number).number))


def everything(terminal):
    """All rows of all tables, as one hash."""

    def read(tx):
        rows = [tuple(row) for table in schema.metadata.sorted_tables for row in tx.execute(sa.select(table))]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    return terminal.do(read)


def reworded(monkeypatch, folder, template, words):
    """A working tree in which one text was changed."""
    shutil.copytree(WORDS, folder / "sms")
    (folder / "sms" / "es" / f"{template}.j2").write_text(words, encoding="utf-8")
    monkeypatch.setattr("gateway.app.WORDS", folder / "sms")


def test_dialogs_that_did_not_change_say_the_same(terminal):
    live(terminal, some_days)
    before = everything(terminal)
    said = terminal.says("replay", "--since", "90d")
    assert said.splitlines()[1:] == ["Everything would have been said as it was."]
    counted = terminal.json("replay", "--since", "90d")
    assert (counted["conversations"], counted["refused"], counted["left_out"]) == (5, 0, 0)
    assert counted["answers"] == len(terminal.rows("inbound", "id")) == 15
    assert counted["unasked"] == len([kind for kind, to in terminal.rows("outbound", "kind", "in_reply_to") if not to])
    assert everything(terminal) == before


def test_cases_are_merged_and_taken_out_again_as_they_were(desktop):
    async def write(life):
        await life.phone(1).text(REPORT)
        await life.wait(days=1)
        await life.phone(2).text("el poste de Alto Tacagua no alumbra")
        into = (await one_code(life, 1)).code
        merged = await life.staff(2, merging.merge, into=into)
        await life.wait(hours=1)
        await life.staff(2, "note", merged, text="son dos postes")
        await life.staff(2, merging.split, merged)
        await life.wait(days=30)
        await life.staff(2, merging.merge, into=into)
        await life.wait(hours=1)
        await life.staff(1, "resolve", reply="ya alumbra")

    live(desktop, write)
    said = desktop.says("replay", "--since", "31d")  # the first of them had talked before
    assert said.splitlines()[1:] == ["Everything would have been said as it was."]
    assert desktop.json("replay", "--since", "31d")["refused"] == 0


def test_a_changed_word_shows_wherever_it_would_be_read(desktop, monkeypatch, tmp_path):
    live(desktop, some_days)
    reworded(monkeypatch, tmp_path, "report/describe", "Diga, {{ service }} escucha")
    said = desktop.says("replay", "--since", "90d")
    assert "5 conversations since Fri 02 Jan 2026 11:05: 15 texts, 12 messages that nobody asked for.\n" in said
    assert "\nDifferent: 2 answers and 0 other messages, in 1 conversation.\n\n" in said
    assert "\n      2  report/describe → report/describe\n" in said
    assert "@ Mon 02 Mar 2026 10:05\n> 1\n- Barrio Digital: cuentenos" in said
    assert "\n+ Diga, Barrio Digital escucha\n" in said
    assert "> 4\n- No entendimos. Barrio Digital: cuentenos" in said


def test_what_nobody_asked_for_is_compared_too(desktop, monkeypatch, tmp_path):
    live(desktop, some_days)
    reworded(monkeypatch, tmp_path, "notice/reopened", "{{ code | code }} otra vez")
    [one] = desktop.json("replay", "--since", "90d")["differences"]
    assert (one["text"], one["before"][0]["template"]) == (None, "notice/reopened")
    assert [told["text"] for told in one["after"]] == [f"{one['case']} otra vez"]


def test_only_what_was_said_since_then_counts(desktop, monkeypatch, tmp_path):
    live(desktop, some_days)
    reworded(monkeypatch, tmp_path, "report/thanks", "Gracias")
    said = desktop.json("replay", "--since", "12h")
    assert (said["conversations"], said["answers"], said["unasked"]) == (1, 1, 0)
    assert [told["text"] for one in said["differences"] for told in one["after"]] == ["Gracias"]


def test_few_conversations_are_shown_and_all_are_counted(desktop, monkeypatch, tmp_path):
    live(desktop, some_days)
    reworded(monkeypatch, tmp_path, "report/thanks", "Gracias")
    said = desktop.says("replay", "--since", "90d", "--most", "1")
    assert "Different: 4 answers and 2 other messages, in 4 conversations." in said
    assert said.count("── conversation 1, barrio transcript 482-105-930\n") == said.count("── conv") == 1
    assert said.endswith("\n… and 3 more: --most 4\n")


def test_numbers_are_masked_and_codes_stay(desktop, monkeypatch, tmp_path):
    live(desktop, some_days)
    reworded(monkeypatch, tmp_path, "report/thanks", "Gracias, {{ code | code }}.")
    said = desktop.says("replay", "--since", "12h")
    assert "> mi cel es ######67 y mi carnet #####01, no ay agua en Pampahasi" in said
    [code] = [one["code"] for one in desktop.json("case", "list") if one["category"] == "agua"]
    assert f"+ Gracias, {code[:3]}-{code[3:6]}-{code[6:]}." in said
    assert not any(number in said for number in ("71234567", "4839201", "+591"))


def test_what_is_confidential_is_counted_and_not_shown(desktop, monkeypatch, tmp_path):
    async def bribe(life):
        await life.phone(1).text("un funcionario me pidio coima en Sopocachi")
        await life.phone(2).text("mi marido me pega")

    live(desktop, bribe)
    reworded(monkeypatch, tmp_path, "report/thanks", "Gracias.")
    (tmp_path / "sms" / "es" / "safety" / "ask.j2").write_text("Llame.", encoding="utf-8")
    said = desktop.says("replay")
    assert "Different: 2 answers and 0 other messages, in 2 conversations." in said
    assert said.count("> (confidential: not shown)") == 2
    assert not any(word in said for word in ("coima", "marido", "barrio transcript"))


def test_what_the_dialogs_fail_on_is_told(desktop, monkeypatch):
    async def write(life):
        await life.phone(1).text(REPORT)
        await life.phone(2).text("AYUDA")

    live(desktop, write)
    step = conversation.engine.step

    def broken(book, facts, text, event):
        if "luz" in text:
            raise LookupError(text)
        return step(book, facts, text, event)

    monkeypatch.setattr(conversation.engine, "step", broken)
    said = desktop.says("replay")
    assert "      1  report/thanks → LookupError\n" in said
    assert "+ (the dialogs fail: LookupError)" in said


def test_what_only_follows_from_a_difference_is_not_counted_again(desktop, monkeypatch):
    async def write(life):
        await life.phone(1).text("se ha rebalsado el alcantarillado")
        await life.wait(minutes=1)
        await life.phone(1).text("Villa Copacabana")
        await life.staff(1, "resolve", reply="listo")

    live(desktop, write)
    step = conversation.engine.step

    def other(book, facts, text, event):
        return step(book, facts, "AYUDA" if "rebalsado" in text else text, event)

    monkeypatch.setattr(conversation.engine, "step", other)
    said = desktop.says("replay")
    assert "Different: 2 answers and 1 other message, in 1 conversation.\n2 of them only follow, because" in said
    assert "\n      1  report/place → help/help\n\n" in said
    assert said.endswith("\n… and 2 that only follow\n")
    assert "(follows)\n> Villa Copacabana\n- Caso " in desktop.says("replay", "--all")


def test_acts_of_staff_that_no_longer_fit_are_counted(desktop, monkeypatch):
    async def write(life):
        await life.phone(1).text(REPORT)
        await life.staff(1, "resolve", reply="listo")
        await life.wait(days=1)

    live(desktop, write)
    step = conversation.engine.step
    monkeypatch.setattr(conversation.engine, "step", lambda book, facts, _, event: step(book, facts, "hola", event))
    said = desktop.says("replay")
    assert "No longer possible, because the case stood otherwise: 1 act of staff." in said
    assert "Different: 1 answer and 1 other message, in 1 conversation." in said
    assert "      1  notice/resolved → (nothing)\n" in said


def test_who_lost_words_is_left_out(desktop):
    async def write(life):
        await life.phone(1).text(REPORT)
        await life.phone(2).text(REPORT)
        person = await life.app.store.read(lambda tx: contacts.by_msisdn(tx, "+59170000001"))
        await forgetting.forget(life.app.store, person, life.clock.now(), "Ana")

    live(desktop, write)
    said = desktop.says("replay")
    assert "Left out, because words of theirs were erased: 1 person." in said
    assert "Everything would have been said as it was." in said


def test_a_line_that_is_no_more_is_told_on_another_of_its_kind(desktop):
    async def write(life):
        await life.phone(1).text(REPORT)

    live(desktop, write)
    desktop.do(lambda tx: tx.execute(sa.update(schema.inbound).values(channel="sold")))
    assert "Everything would have been said as it was." in desktop.says("replay")


@pytest.mark.parametrize("wrong", ["30", "a month", "-3d"])
def test_a_time_is_written_as_in_the_config(desktop, wrong):
    result = desktop.type("replay", f"--since={wrong}")
    assert result.exit_code == 2
    assert "must be a duration: 12h or 30d" in result.stderr
