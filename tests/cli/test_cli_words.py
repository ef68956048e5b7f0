"""``barrio words`` and ``barrio cost``, as somebody types them."""

import csv
import io
import shutil
from dataclasses import replace

import pytest

from gateway.cli import words as of_words
from gateway.config import WORDS
from gateway.wording import sources, versions


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the words, so that an import changes nobody's."""
    shutil.copytree(WORDS, tmp_path / "sms")
    monkeypatch.setattr(of_words, "WORDS", tmp_path / "sms")
    return tmp_path / "sms"


def written(desktop, folder, text, words):
    """The sheet of English with one cell changed."""
    rows = list(csv.reader(io.StringIO(desktop.says("words", "export", "en").removeprefix("\ufeff"))))
    column = rows[0].index("words")
    for row in rows:
        if row[1] == text:
            row[column] = words
    file = folder.parent / "en.csv"
    with file.open("w", encoding="utf-8", newline="") as to:
        csv.writer(to, delimiter=";").writerows(rows)
    return str(file)


def test_out_and_back(desktop, folder):
    sheet = written(desktop, folder, "confirm/thanks", "Thank you. It is kept.")
    said = desktop.says("words", "import", sheet)
    assert said.startswith("1 of ")
    assert said.endswith(" texts changed.\n")
    assert (folder / "en/confirm/thanks.j2").read_text(encoding="utf-8") == "Thank you. It is kept.\n"
    assert desktop.json("words", "import", sheet) == {"changed": [], "findings": []}


def test_a_sheet_with_an_error_changes_nothing(desktop, folder):
    sheet = written(desktop, folder, "note/done", "Added to {{ caso | code }}.")
    result = desktop.type("words", "import", sheet)
    assert (result.exit_code, result.stderr) == (1, "Nothing was changed.\n")
    assert (
        'error en/note/done.j2: names the value "caso", which it is not given\n    it may name: code' in result.stdout
    )
    assert "caso" not in (folder / "en/note/done.j2").read_text(encoding="utf-8")


@pytest.mark.usefixtures("folder")
def test_what_is_no_sheet(desktop, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    line = "the sheet has no column language, text, words, of: its first line must be as it was exported"
    assert desktop.refuses("words", "import", str(tmp_path / "x.csv")) == line


@pytest.mark.usefixtures("folder")
def test_a_language_that_is_not_there(desktop):
    line = "there is no language fr: it begins with a file sms/fr/words.yaml"
    assert desktop.refuses("words", "export", "fr") == line


def test_somebody_says_that_two_texts_say_the_same(desktop, folder):
    (folder / "es/confirm/thanks.j2").write_text("Gracias. Quedó anotado.\n", encoding="utf-8")
    assert desktop.says("words", "same", "en", "confirm/thanks") == "Up to date now: 1.\n"
    assert versions.kept(folder, "en", "es")["confirm/thanks"] == sources.mark("Gracias. Quedó anotado.")
    (folder / "en" / versions.FILE).unlink()
    told = desktop.json("words", "same", "en", "--all")
    assert told == {"language": "en", "texts": len(versions.kept(folder, "en", "es"))}
    assert told["texts"] > 90


@pytest.mark.usefixtures("folder")
def test_what_nobody_can_say_the_same_of(desktop):
    assert desktop.refuses("words", "same", "en") == "name the texts, or say --all"
    assert desktop.refuses("words", "same", "en", "x/y") == "en has no text x/y"
    line = "es is the language from which the others are translated"
    assert desktop.refuses("words", "same", "es", "--all") == line


def test_what_everything_costs(desktop):
    page = desktop.says("cost")
    assert "0.28 BOB a segment" in page
    assert "pushed for a case: resolution, question, one reminder: 3 of 3  kept" in page
    told = desktop.json("cost", "--language", "es")
    assert {one["language"] for one in told["messages"]} == {"es"}
    thanks = next(one for one in told["messages"] if one["text"] == "report/thanks")
    assert thanks["occasion"] == "answer"
    assert thanks["sms"] == {
        "usual": 1,
        "worst": 1,
        "with_accents": 3,
        "may": 1,
        "price": "0.28",
        "worst_price": "0.28",
    }
    assert 0 < thanks["ussd"]["usual"] <= thanks["ussd"]["worst"] <= thanks["ussd"]["may"] == 156
    assert [one["takes"] for one in told["budgets"]] == [3, 1]


def test_without_a_price_segments_are_counted(desktop):
    rules = desktop.config.broadcasts.model_copy(update={"price_per_segment": None})
    desktop.config = replace(desktop.config, broadcasts=rules)
    assert "config.yaml names no price_per_segment" in desktop.says("cost", "--language", "en")
    assert desktop.json("cost")["messages"][0]["sms"]["price"] is None


def test_a_language_that_is_not_offered_has_no_cost(desktop):
    assert desktop.refuses("cost", "--language", "fr") == "fr is not offered: es, en"


def test_over_budget_is_an_answer_of_no(desktop, tmp_path, monkeypatch):
    shutil.copytree(WORDS, tmp_path / "sms")
    (tmp_path / "sms/es/note/done.j2").write_text("{{ code | code }}" + "x" * 160, encoding="utf-8")
    monkeypatch.setattr("gateway.cli.cost.WORDS", tmp_path / "sms")
    result = desktop.type("cost", "--language", "es")
    assert result.exit_code == 1
    assert "the longest answer to a resident's own text: 2 of 1  over" in result.stdout
