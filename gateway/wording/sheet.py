"""The words of a language as a sheet for translators: one row a text, with what they must know to write it.

A sheet is CSV in UTF-8 with a mark at the beginning by which Excel knows it. Back may come what a spreadsheet makes of
it: commas, semicolons or tabs, UTF-8 or Windows letters.
Rule 1: a cell that a spreadsheet would take for a formula gets a ' in front, and loses it when it comes back.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialogs.effects import LabelKind
from gateway.outbound import segments
from gateway.wording import lengths, versions
from gateway.wording.lengths import SCREEN, Measured
from gateway.wording.said import Occasion
from gateway.wording.texts import Text, Texts

COLUMNS = ("language", "text", "when", "base", "words", "segments", "longest", "left", "screen", "values", "of")
#: Without these a sheet cannot be read back.
NEEDED = ("language", "text", "words", "of")
#: Before the names of options, which are no files of their own.
LABEL = "words/"
#: What stands beside the digit in a menu, in letters.
LABEL_MOST = 24
_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "'", "\t", "\r")
_WHEN: Mapping[Occasion, str] = {
    Occasion.ANSWER: "answer to a resident",
    Occasion.PUSHED: "sent to a resident unasked",
    Occasion.STAFF: "sent to staff",
}


class Unreadable(Exception):
    """This is no sheet of ours. ``str()`` is one line for whoever brought it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One text as a sheet brings it back. ``line`` is where it stands in the sheet; ``of`` marks its base words."""

    line: int
    language: str
    text: str
    words: str
    of: str


def write(texts: Texts, language: str) -> str:
    """Write the sheet of one language."""
    to = io.StringIO()
    sheet = csv.writer(to, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for row in _rows(texts, language):
        sheet.writerow([_safe(str(row[name])) for name in COLUMNS])
    return _BOM + to.getvalue()


def read(data: bytes) -> list[Row]:
    """Read a sheet that came back; ``Unreadable`` if columns are missing."""
    try:
        written = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        written = data.decode("cp1252", "replace")
    head = written.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(written, newline=""), delimiter=max(",;\t", key=head.count))
    missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        raise Unreadable(f"the sheet has no column {', '.join(missing)}: its first line must be as it was exported")
    return [
        Row(line=rows.line_num, **{name: _plain(row[name] or "").replace("\r\n", "\n") for name in NEEDED})
        for row in rows
        if any(row.values())
    ]


def _rows(texts: Texts, language: str) -> Iterator[Mapping[str, object]]:
    measured = {one.text.said.template: one for one in lengths.measure(texts)[language]}
    marks = {} if language == texts.base else versions.base_marks(texts)
    of_base = {text.said.template: text for text in texts.by_language[texts.base]}
    for text in texts.by_language[language]:
        name = text.said.template
        base = of_base[name].source
        yield {
            "language": language,
            "text": name,
            "when": _when(texts, text),
            "base": base.words if base and language != texts.base else "",
            "words": text.source.words if text.source else "",
            "of": marks.get(name, ""),
            "values": ", ".join(sorted(text.said.gives)),
            **_lengths(measured.get(name), of_base[name]),
        }
    yield from _labels(texts, language, marks)


def _lengths(one: Measured | None, base: Text) -> Mapping[str, object]:
    """How long it may be and how long it gets: what to watch while writing."""
    declared = base.source.declared if base.source else None
    if one is None:
        return {"segments": declared or 1, "longest": "", "left": "", "screen": ""}
    longest = segments.septets(segments.gsm7(one.sms)) or 0
    room = segments.GSM7_ALONE if one.allowed == 1 else segments.GSM7_PART * one.allowed
    if not one.text.said.on_screen:
        return {"segments": one.allowed, "longest": longest, "left": room - longest, "screen": ""}
    left = min(room - longest, SCREEN - one.screen)
    return {"segments": one.allowed, "longest": longest, "left": left, "screen": f"{one.screen} of {SCREEN}"}


def _labels(texts: Texts, language: str, marks: Mapping[str, str]) -> Iterator[Mapping[str, object]]:
    there, of_base = texts.city.words[language].options, texts.city.words[texts.base].options
    places = _offered(texts.by_language[language])
    for name in (*of_base, *sorted(texts.labels() - of_base.keys())):
        label = there.get(name, "")
        yield {
            "language": language,
            "text": f"{LABEL}{name}",
            "when": f"choice in {places[name]}" if name in places else "word inside other texts",
            "base": of_base.get(name, "") if language != texts.base else "",
            "words": label,
            "segments": "",
            "longest": len(label),
            "left": LABEL_MOST - len(label),
            "screen": "",
            "values": "",
            "of": marks.get(f"{LABEL}{name}", ""),
        }


def _offered(texts: Sequence[Text]) -> Mapping[str, str]:
    return {
        option.ref: text.said.template
        for text in reversed(texts)
        for option in text.said.options
        if option.label is LabelKind.WORD
    }


def _when(texts: Texts, text: Text) -> str:
    """In which situation it is said, and what else stands in the same message."""
    options = text.said.options[: text.said.page]
    shown = ", ".join(texts.renderer.label(option, texts.base) for option in options)
    parts = [_WHEN[text.said.occasion], f"followed by the choices {shown}" if shown else ""]
    if text.said.leads:
        leads = (texts.source(texts.base, lead) for lead in text.said.leads)
        parts.append("may stand behind: " + " or: ".join(lead.words for lead in leads if lead))
    return "; ".join(filter(None, parts))


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
