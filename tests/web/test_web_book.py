"""The pages of the dialogs: every step in every language, what the templates say, and nobody's data."""

import re
from dataclasses import replace
from functools import lru_cache
from html import unescape

import pytest

from dialogs.book import BOOK
from dialogs.cases import TRANSITIONS
from dialogs.nodes import Ask, Choose, End
from gateway.config import HOME, Config, load
from gateway.outbound.render import Renderer, RenderFailed
from gateway.web import book

AT_ONCE = 60 * 1024


@lru_cache
def shipped() -> Config:
    return load(HOME / "config.yaml", {})


@pytest.fixture
async def gate(open_gate):
    """A web with the city and the words that ship."""
    return await open_gate(config=shipped())


async def page(gate, path: str) -> str:
    async with gate.session.get(path) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        return await answer.text()


def words(drawn: str) -> str:
    """What is read, without tags, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", drawn)).split())


async def test_the_list_names_every_dialog_and_draws_the_life_of_a_case(gate):
    drawn = await page(gate, "/dialogs")
    assert re.findall(r'href="/dialogs/(\w+)"', drawn) == list(BOOK.dialogs)
    assert drawn.count("<svg") == 1 + 1  # the sign of the house, and the picture
    rows = re.findall(r'<th scope="row">([^<]+)</th>', drawn)
    assert sum(len(row.split(", ")) for row in rows) == len(TRANSITIONS)
    assert "enviado a otra entidad" in words(drawn)
    assert "status_" not in drawn


async def test_every_page_shows_each_step_with_its_words_in_every_language(gate):
    for name, dialog in BOOK.dialogs.items():
        drawn = await page(gate, f"/dialogs/{name}")
        assert re.findall(r'<li id="paso-(\w+)">', drawn) == list(dialog.steps), name
        speak = [node for node in dialog.steps.values() if isinstance(node, Ask | Choose | End)]
        for language in ("es", "en"):
            assert drawn.count(f'<blockquote lang="{language}">') == len(speak), name
        assert "no se puede decir" not in drawn, name
        assert len(drawn.encode()) < AT_ONCE, name


async def test_the_words_are_those_that_are_sent(gate):
    drawn = words(await page(gate, "/dialogs/confirm"))
    assert re.search(
        "nos informan que est[aá] resuelto. ¿Qued[oó] bien\\? Responda: 1 S[ií] 2 A medias 3 No Español", drawn
    )
    assert "482-105-930" in drawn
    assert re.search(r"Español · \d+ letras · 1 segmento ", drawn)


async def test_the_picture_speaks_the_language_that_was_chosen(gate):
    spanish, english = await page(gate, "/dialogs/safety"), await page(gate, "/dialogs/safety?lang=en")
    assert "llame al" in picture(spanish)
    assert "llame al" not in picture(english)
    assert 'lang="en" aria-current="true"' in english


def picture(drawn: str) -> str:
    return words(drawn[drawn.index('<svg class="picture"') :].partition("</svg>")[0])


async def test_a_box_leads_to_its_words_and_a_door_to_the_other_dialog(gate):
    drawn = await page(gate, "/dialogs/menu?lang=en")
    assert '<a href="#paso-main" class="question">' in drawn
    assert '<a href="/dialogs/report?lang=en" class="door">' in drawn


async def test_words_that_cannot_be_said_are_named_and_the_page_stays(gate, monkeypatch):
    def fails(*_args):
        raise RenderFailed("es/help/help: UndefinedError")

    monkeypatch.setattr(Renderer, "_words", fails)
    drawn = await page(gate, "/dialogs/help")
    assert "Español: no se puede decir. Vea: barrio check" in words(drawn)


async def test_an_arrow_says_what_the_person_chooses(gate):
    assert "Retirar un caso" in picture(await page(gate, "/dialogs/cancel"))


@pytest.mark.parametrize("path", ["/dialogs/nothing", "/dialogs/report?lang=ay", "/dialogs/report?lang=", "/dialogs/"])
async def test_what_is_not_there_is_not_found(gate, path):
    async with gate.session.get(path) as answer:
        assert answer.status == 404


async def test_the_phone_in_the_browser_leads_to_them(gate):
    assert '<a href="/dialogs">' in await page(gate, "/simulator")


async def test_the_pages_are_there_without_a_simulator(open_gate):
    gate = await open_gate(config=replace(shipped(), channels={}))
    assert "Un reclamo nuevo" in await page(gate, "/dialogs")


@pytest.mark.parametrize("path", ["/dialogs", "/dialogs/report"])
async def test_a_page_needs_no_script_and_its_picture_no_style_of_its_own(gate, path):
    drawn = await page(gate, path)
    assert "<script" not in drawn
    assert "<style" not in drawn
    assert " style=" not in drawn  # the policy of every answer forbids both
    for sheet in re.findall(r'<link rel="stylesheet" href="([^"]+)"', drawn):
        async with gate.session.get(sheet) as answer:
            assert answer.status == 200


def test_titles_are_of_dialogs_that_there_are():
    assert set(book.TITLES) <= set(BOOK.dialogs)
