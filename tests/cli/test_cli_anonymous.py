"""An anonymous case at the desk: no command shows the number, or leads from a number or another case to it."""

import json

import pytest

from tests.cli.life import live

NUMBER, SECRET = "+59170000001", "roban cemento de la obra, que quede anonimo, mi numero es 70000001"
PLAIN = "no hay luz en la plaza de Obrajes"


async def _both(life):
    one = life.phone(1)
    await one.text(PLAIN)
    await life.wait(minutes=5)
    await one.text(SECRET)
    await life.wait(minutes=5)


@pytest.fixture
def told(terminal):
    """Somebody with an ordinary case and an anonymous one."""
    live(terminal, _both)
    return terminal


def both(terminal):
    return [code for (code,) in terminal.rows("cases", "code")]


def test_no_command_about_cases_shows_a_number(told):
    _, secret = both(told)
    for words in (("case", "show", secret), ("case", "list", "--all"), ("alert", "list")):
        for said in (told.says(*words), told.says(*words, "--json")):
            assert "70000001" not in said


def test_its_page_says_so_and_its_words_are_masked(told):
    plain, secret = both(told)
    page = told.says("case", "show", secret)
    assert "nobody sees the number, and nobody can call" in page
    assert "mi numero es ######01" in page
    shown = told.json("case", "show", secret)
    assert (shown["confidential"], shown["location_text"]) == (True, "")
    assert shown["messages"][0]["text"].endswith("mi numero es ######01")
    page = told.says("case", "show", plain)
    assert "nobody can call" not in page


def test_so_are_notes(told):
    _, secret = both(told)
    told.says("case", "note", secret, "--text", "dice que su numero es 70000001")
    page = told.says("case", "show", secret)
    assert "dice que su numero es ######01" in page
    told.says("case", "note", both(told)[0], "--text", "dice que su numero es 70000001")
    assert "dice que su numero es 70000001" in told.says("case", "show", both(told)[0])


def test_reading_it_is_on_record(told):
    _, secret = both(told)
    told.says("case", "show", secret, "--as", "Ana")
    assert ("Ana", "case.read", secret) in told.acts()


def test_there_is_no_transcript_of_it_and_it_stands_in_no_other(told):
    plain, secret = both(told)
    assert told.refuses("transcript", secret).startswith("this case is anonymous")
    for whose in (NUMBER, plain):
        result = told.type("transcript", whose)
        assert result.exit_code == 0, result.output
        assert PLAIN in result.stdout
        for trace in ("cemento", "nonim", "NONIM", "confidential", secret):
            assert trace not in result.stdout
        assert "confidential" not in result.stderr
    assert "case.read" not in [act for _, act, _ in told.acts()]


def test_replay_shows_nothing_of_it(told, monkeypatch):
    _, secret = both(told)
    for said in (told.says("replay", "--all", "--most", "99"), told.says("replay", "--json")):
        for trace in ("cemento", "70000001", secret):
            assert trace not in said
    assert told.json("replay")["answers"] == 1


def test_labels_leave_it_out(told):
    plain, secret = both(told)
    for code in (plain, secret):
        told.type("case", "relabel", code, "--category", "parques")
    found = [json.loads(line)["text"] for line in told.says("export", "labels").splitlines()]
    assert found == [PLAIN]


def test_forgetting_counts_it_for_nobody(told):
    assert told.json("forget", NUMBER, "--dry-run")["cases"] == 1
    assert told.json("forget", NUMBER, "--yes")["cases"] == 1
    assert told.rows("cases", "contact_id", "description") == [(None, ""), (None, "")]


def test_who_resolves_it_tells_the_resident_and_sees_no_number(told):
    _, secret = both(told)
    said = told.says("case", "resolve", secret, "--reply", "se denuncio a la empresa")
    assert "The resident will be told by SMS." in said
    assert "7000" not in said
    assert [words for to, words in told.queued() if to == NUMBER][-1].startswith("Caso")


def test_a_case_filed_at_the_desk_is_confidential_and_no_more(told):
    shown = told.json("case", "open", "--for", "+59170000005", "--text", "quiero que quede anonimo, roban cemento")
    assert shown["confidential"]
    assert told.rows("cases", "anonymous")[-1] == (False,)
