"""The budgets of what we ship, and what counts towards them."""

import shutil
from pathlib import Path

import pytest

from dialogs.book import BOOK
from gateway.config import HOME, WORDS, load
from gateway.outbound import segments
from gateway.outbound.render import Renderer
from gateway.wording import cost, lengths, said
from gateway.wording.said import Occasion
from gateway.wording.texts import gather
from gateway.work.casework import REPLY_MOST
from tests.gateway.conftest import CONFIG


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    file = tmp_path_factory.mktemp("cost") / "config.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    return load(file, {"P": "p", "K": "k"})


def measure(config, templates=WORDS):
    return lengths.measure(gather(config.city, Renderer(config.city, templates, config.service.name), templates))


@pytest.fixture(scope="module")
def measured(config):
    return measure(config)


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_answer_to_somebodys_own_text_is_one_segment(measured, language):
    answers = [one for one in measured[language] if one.text.said.occasion is Occasion.ANSWER]
    assert len(answers) > 40
    assert [one.text.where for one in answers if one.worst > 1] == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_pushed_for_a_case_is_three_segments(measured, language):
    pushed, answers = cost.budgets(measured[language])
    assert (pushed.takes, pushed.may, pushed.kept) == (3, 3, True)
    assert (answers.takes, answers.may, answers.kept) == (1, 1, True)
    worst = {one.text.said.template: one.worst for one in measured[language]}
    assert sum(worst[template] for template in ("notice/resolved", "confirm/ask", "confirm/ask")) == 3


def test_a_whole_case_from_the_first_text_on(measured):
    agreed = list(cost.path(measured["es"], cost.AGREED))
    assert [(one.name, one.usual, one.worst) for one in agreed] == [
        ("receipt", 1, 1),
        ("resolution", 1, 1),
        ("is it true?", 1, 1),
        ("yes: how well?", 1, 1),
        ("thanks", 1, 1),
    ]
    assert sum(one.worst for one in cost.path(measured["es"], cost.SILENT)) == 4


def test_a_budget_is_over_where_a_template_is(config, tmp_path):
    shutil.copytree(WORDS, tmp_path / "sms")
    (tmp_path / "sms/es/notice/resolved.j2").write_text("{# segments: 2 #}\n{{ code | code }} {{ reply }}" + "x" * 60)
    (tmp_path / "sms/es/note/done.j2").write_text("{{ code | code }}" + "x" * 160)
    pushed, answers = cost.budgets(measure(config, tmp_path / "sms")["es"])
    assert (pushed.takes, pushed.kept) == (4, False)
    assert (answers.takes, answers.kept) == (2, False)


def test_the_longest_is_said_with_the_longest_that_the_city_has(config, measured):
    names = [one.name for one in config.city.places.values()]
    receipt = next(one for one in measured["es"] if one.text.said.template == "report/thanks")
    longest = max(names, key=lambda name: len(segments.gsm7(name)))
    assert any(segments.gsm7(name) in receipt.sms for name in names if len(name) >= len(longest))
    resolved = next(one for one in measured["es"] if one.text.said.template == "notice/resolved")
    assert "x" * REPLY_MOST in resolved.sms
    assert resolved.as_written == 3


def test_nothing_is_said_in_the_product_that_is_not_measured(config):
    known = {one.template for one in said.everything(BOOK, config.city, "es")}
    source = "".join(
        file.read_text(encoding="utf-8")
        for package in ("dialogs", "gateway")
        for file in (HOME / package).rglob("*.py")
    )
    spoken = {f"{path.parent.name}/{path.stem}" for path in Path(WORDS / "es").rglob("*.j2")}
    assert spoken == known
    assert {
        name for name in spoken if name.split("/")[0] in {"notice", "common", "resume"} and name not in source
    } == set()


def test_each_page_gets_the_widest_options(config):
    menu = next(one for one in said.everything(BOOK, config.city, "es") if one.template == "report/category")
    width = {option.ref: len(config.city.categories[option.ref].name["es"]) for option in menu.options}
    pages = [list(page) for page in menu.pages(lambda option: width[option.ref])]
    widest = sorted(width.values(), reverse=True)[: menu.page]
    assert len(pages) == -(-len(menu.options) // menu.page)
    for page in pages[:-1]:
        assert sorted((width[one.ref] for one in page if one.key in said.KEYS), reverse=True) == widest
    assert [one.key for one in pages[1]] == ["1", "2", "3", "4", "5", "9", "0"]
