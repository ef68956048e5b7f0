"""Sheets for translators: what goes out, what a spreadsheet makes of it, and what comes back, whole or not at all."""

import csv
import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.city import load_words
from gateway.config import WORDS, load
from gateway.findings import Level
from gateway.outbound.render import Renderer
from gateway.strict import ConfigError
from gateway.wording import importing, sheet, sources, versions
from gateway.wording.sheet import Row
from gateway.wording.texts import gather
from tests.gateway.conftest import CONFIG

SERVICE = "Barrio Digital"
THANKS = "Thank you. It is written down."
LEFT = "Nothing was moved."


@pytest.fixture
def town(tmp_path):
    """Our city, and a copy of its words that an import may change."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    shutil.copytree(WORDS, tmp_path / "sms")
    return load(tmp_path / "config.yaml", {"P": "p", "K": "k"}).city, tmp_path / "sms"


def texts(town, language="en"):
    city, templates = town
    city = replace(city, words={**city.words, language: load_words(templates, language, templates)})
    return gather(city, Renderer(city, templates, SERVICE), templates, language=language)


def exported(town, language="en"):
    return sheet.write(texts(town, language), language)


def rows(written):
    return {row["text"]: row for row in csv.DictReader(io.StringIO(written.removeprefix("\ufeff")))}


def taken(town, *changes, language="en"):
    """Import a sheet of these texts, each with the mark of the base words as they are."""
    marks = versions.base_marks(texts(town, language))
    of = [
        Row(line=at, language=language, text=name, words=words, of=marks.get(name, ""))
        for at, (name, words) in enumerate(changes, start=2)
    ]
    return importing.take(*town, SERVICE, of)


def refused(town, *changes, language="en"):
    before = tree(town)
    with pytest.raises(importing.Refused) as caught:
        taken(town, *changes, language=language)
    assert tree(town) == before
    assert all(one.level is Level.ERROR and one.mend for one in caught.value.findings)
    return [(one.where, one.what) for one in caught.value.findings]


def tree(town):
    return {path: path.read_bytes() for path in sorted(town[1].rglob("*")) if path.is_file()}


def test_a_row_says_what_a_translator_must_know(town):
    sent = rows(exported(town))
    row = sent["report/thanks"]
    assert row["base"].startswith("Caso {{ code | code }} recibido.")
    assert row["words"].startswith("We have your case {{ code | code }}.")
    assert (row["when"], row["values"]) == ("answer to a resident", "category, code, due, fix, place")
    assert row["screen"] == f"{row['longest']} of 156"
    assert int(row["longest"]) + int(row["left"]) == 156
    assert int(sent["notice/resolved"]["longest"]) + int(sent["notice/resolved"]["left"]) == 160
    assert row["of"] == sources.mark(row["base"])
    category, half, closed = (sent[name] for name in ("report/category", "words/half", "words/status_closed"))
    assert category["when"] == (
        "answer to a resident; followed by the choices Agua, Alcantarilla, Luz de la calle, Basura, Calles y baches;"
        " may stand behind: No entendimos. or: Falta terminar. or: Será anónimo."
    )
    assert (half["when"], closed["when"]) == ("choice in confirm/ask", "word inside other texts")


def test_a_notice_of_several_segments_counts_them(town):
    row = rows(exported(town))["broadcast/notice"]
    assert row["segments"] == "6"
    assert int(row["longest"]) + int(row["left"]) == 6 * 153
    assert row["screen"] == ""


def test_the_base_language_has_nothing_beside_it(town):
    row = rows(exported(town, "es"))["report/thanks"]
    assert (row["base"], row["of"]) == ("", "")


def test_a_new_language_begins_with_empty_rows(town):
    new = rows(exported(town, "ay"))
    assert new["report/thanks"]["words"] == new["report/thanks"]["longest"] == ""
    assert new["broadcast/notice"]["segments"] == "6"
    assert new["words/half"]["base"] == "A medias"


def test_what_comes_back_as_it_went_changes_nothing(town):
    before = tree(town)
    for language in ("es", "en", "ay"):
        read = sheet.read(exported(town, language).encode())
        assert importing.take(*town, SERVICE, read).changed == ()
    assert tree(town) == before


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_whatever_a_spreadsheet_saves_is_read(delimiter, encoding):
    to = io.StringIO()
    csv.writer(to, delimiter=delimiter).writerows(
        [["text", "language", "of", "words"], ["note/done", "es", "ab", 'Año, "sí";\nfin'], ["", "", "", ""]]
    )
    [row] = sheet.read(to.getvalue().encode(encoding))
    assert row == Row(line=3, language="es", text="note/done", of="ab", words='Año, "sí";\nfin')


def test_a_sheet_without_its_columns_is_none():
    with pytest.raises(sheet.Unreadable, match="the sheet has no column words, of"):
        sheet.read(b"language,text\nes,note/done\n")
    with pytest.raises(sheet.Unreadable):
        sheet.read(b"")


@pytest.mark.parametrize("words", ["=1+1", "-", "+591", "@x", "'quoted", "plain"])
def test_no_cell_is_a_formula_and_none_loses_a_letter(words):
    cell = sheet._safe(words)
    assert not cell.startswith(("=", "+", "-", "@"))
    assert sheet._plain(cell) == words


def test_a_text_that_changed_is_taken_and_known_to_be_translated(town):
    city, templates = town
    (templates / "es/confirm/thanks.j2").write_text("Gracias. Quedó anotado.\n", encoding="utf-8")
    done = taken(town, ("confirm/thanks", THANKS), ("note/done", rows(exported(town))["note/done"]["words"]))
    assert done.changed == ("confirm/thanks",)
    assert done.findings == ()
    assert (templates / "en/confirm/thanks.j2").read_text(encoding="utf-8") == f"{THANKS}\n"
    assert versions.kept(templates, "en", "es")["confirm/thanks"] == sources.mark("Gracias. Quedó anotado.")
    assert not list(templates.rglob("*.new"))
    assert city.languages == ("es", "en")


def test_a_text_that_came_back_as_it_was_is_not_known_to_say_the_same(town):
    (town[1] / "es/confirm/thanks.j2").write_text("Gracias. Quedó anotado.\n", encoding="utf-8")
    read = sheet.read(exported(town).encode())
    [one] = importing.take(*town, SERVICE, read).findings
    assert (one.where, one.what) == (
        "en/confirm/thanks.j2",
        "the es words changed after this was translated",
    )


def test_what_a_text_may_cost_stays_as_it_was(town):
    taken(town, ("broadcast/notice", "{{ text }}\nFor no more notices, reply BAJA."))
    written = (town[1] / "en/broadcast/notice.j2").read_text(encoding="utf-8")
    assert written == "{# segments: 6 #}\n{{ text }}\nFor no more notices, reply BAJA.\n"


def test_a_label_changes_and_all_beside_it_stands(town):
    file = town[1] / "en/words.yaml"
    before = file.read_text(encoding="utf-8").splitlines()
    assert taken(town, ("words/half", "Half: not all"), ("words/yes", "Yes"), ("words/no", "Not")).changed == (
        "words/half",
        "words/no",
    )
    after = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == ['  "no": Not', '  half: "Half: not all"']
    assert len(after) == len(before)


def test_a_new_language_grows_sheet_by_sheet(town):
    templates = town[1]
    done = taken(town, ("broadcast/notice", "{{ text }}\nBAJA."), ("words/half", "Chikata"), language="ay")
    assert done.changed == ("broadcast/notice", "words/half")
    assert {one.what for one in done.findings if one.where == "ay/report/thanks.j2"} == {"is not there"}
    assert (templates / "ay/broadcast/notice.j2").read_text(encoding="utf-8").startswith("{# segments: 6 #}\n")
    assert load_words(templates, "ay", templates).options == {"half": "Chikata"}
    again = taken(town, ("status/none", "Janiwa."), ("words/back", "Kutiña"), language="ay")
    assert again.changed == ("status/none", "words/back")
    assert load_words(templates, "ay", templates).options == {"half": "Chikata", "back": "Kutiña"}
    assert set(versions.kept(templates, "ay", "es")) == {
        "broadcast/notice",
        "status/none",
        "words/back",
        "words/half",
    }


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        (("note/dun", "x"), "sheet line 3: note/dun", "there is no such text"),
        (("words/dun", "x"), "sheet line 3: words/dun", "there is no such text"),
        (("note/done", ""), "sheet line 3: note/done", "is empty"),
        (("words/half", ""), "sheet line 3: words/half", "is empty"),
        (
            ("note/done", "Added to {{ caso | code }}."),
            "en/note/done.j2",
            'names the value "caso", which it is not given',
        ),
        (("note/done", "x" * 170), "en/note/done.j2", "takes 2 segments at its longest, and may take 1"),
        (
            ("note/done", "{% if %}"),
            "en/note/done.j2",
            "cannot be read: line 1: Expected an expression, got 'end of statement block'",
        ),
        (
            ("note/done", "{{ code | code }} reply STOP"),
            "en/note/done.j2",
            'offers "STOP", which carriers act on themselves',
        ),
    ],
)
def test_with_one_error_nothing_is_taken(town, change, where, what):
    assert (where, what) in refused(town, ("cancel/none", LEFT), change)[-2:]


def test_a_label_that_breaks_a_menu_elsewhere(town):
    said = refused(town, ("words/cancel_withdraw", "x" * 100))
    assert {where for where, _ in said} == {"en/cancel/what.j2"}


def test_a_text_that_stands_twice(town):
    said = refused(town, ("cancel/none", LEFT), ("cancel/none", "x"))
    assert said == [(f"sheet line {line}: cancel/none", "stands here 2 times") for line in (2, 3)]


def test_a_sheet_made_before_the_base_changed(town):
    old = [row for row in sheet.read(exported(town).encode()) if row.text == "cancel/none"]
    (town[1] / "es/cancel/none.j2").write_text("No hay casos.\n", encoding="utf-8")
    before = tree(town)
    with pytest.raises(importing.Refused) as caught:
        importing.take(*town, SERVICE, [replace(old[0], words=LEFT)])
    [one] = caught.value.findings
    assert one.what == "the es words changed after this sheet was made"
    assert tree(town) == before
    assert importing.take(*town, SERVICE, old).changed == ()


@pytest.mark.parametrize(
    ("languages", "what"),
    [
        (("es", "en"), "a sheet is of one language, and this is of: en, es"),
        ((), "a sheet is of one language, and this is of: none"),
        (("xx",), 'there is no language "xx"'),
        (("../es",), 'there is no language "../es"'),
    ],
)
def test_a_sheet_of_no_language(town, languages, what):
    of = [Row(line=at, language=language, text="note/done", words="x", of="") for at, language in enumerate(languages)]
    with pytest.raises(importing.Refused) as caught:
        importing.take(*town, SERVICE, of)
    assert [one.what for one in caught.value.findings] == [what]


def test_where_one_file_cannot_be_written_none_is(town, monkeypatch):
    """The disk is full at the second file."""
    before, write = tree(town), Path.write_text
    monkeypatch.setattr(importing, "_tried", lambda *_: iter(()))

    def full(self, *args, **kwargs):
        if self.name.startswith("none.j2"):
            raise OSError(28, "No space left on device")
        return write(self, *args, **kwargs)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        taken(town, ("confirm/thanks", THANKS), ("cancel/none", LEFT))
    assert tree(town) == before


def test_labels_are_put_where_there_were_none():
    assert importing.with_labels("name: X\n", {"half": "Chikata"}) == "name: X\n\noptions:\n  half: Chikata\n"
    assert importing.with_labels("options: {}\nname: X\n", {"yes": "Sí"}) == 'options:\n  "yes": Sí\nname: X\n'


def test_a_file_of_marks_that_is_spoilt_is_named(town):
    (town[1] / "en" / versions.FILE).write_text("base: es\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"translated\.yaml: texts: is missing"):
        versions.kept(town[1], "en", "es")
    (town[1] / "en" / versions.FILE).write_text("base: qu\ntexts: {}\n", encoding="utf-8")
    assert versions.kept(town[1], "en", "es") == {}
