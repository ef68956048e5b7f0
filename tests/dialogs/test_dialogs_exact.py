"""What mutants of the dialogs showed to be untested: each word of the book's lists, and the very edges of its rules."""

import pytest

from dialogs.book import BOOK

MINE = "482105930"
STORY = "poste chico lejos hoy"

DIALOGS = "report status confirm menu help language stop start notices cancel handover person note safety enough"
ASKING = """
    estado status como cuando paso pasa va saber respuesta quedo quedaron seguimiento consulta consultar novedad novedades
    reclamo caso codigo cod nro numero denuncia queja how when what case code
"""
BUTS = "pero aunque todavia aun falta faltan tampoco peor sigue but still"


def test_the_book_holds_these_dialogs():
    assert sorted(BOOK.dialogs) == sorted(DIALOGS.split())


def test_the_way_into_every_dialog_is_declared():
    begun = {entry.partition(":")[0] for entry in BOOK.entries}
    reached = {"confirm", "notices", "handover", "enough"}  # from another dialog, or when something falls due
    assert begun | reached == {*BOOK.dialogs}
    for entry in BOOK.entries:
        dialog, _, step = entry.partition(":")
        assert step in {"", *BOOK.dialogs[dialog].steps}, entry


def test_a_story_with_ones_own_code_is_a_note(phone, make_case):
    assert phone(make_case()).says(f"{MINE} {STORY}").rule == "note"


@pytest.mark.parametrize("word", ASKING.split())
def test_a_word_that_asks_makes_it_a_question(phone, make_case, word):
    assert phone(make_case()).says(f"{MINE} {STORY} {word}").rule == "code"


@pytest.mark.parametrize("but", BUTS.split())
def test_thanks_with_a_but_are_no_thanks(phone, but):
    assert phone().says("gracias ya vinieron").rule == "thanks"
    assert phone().says(f"gracias ya vinieron {but}").rule != "thanks"
