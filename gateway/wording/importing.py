"""Takes a sheet back: all of it or nothing.

Rule 1: the new words are put into a copy of the folder and examined there; with one error that was not there before,
nothing is taken. What is still missing is no obstacle: a new language grows sheet by sheet.
Rule 2: a text counts as translated from the base words of today if the sheet changed it. One that came back as it was
proves nothing: nobody may have read it.
"""

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from dialogs.city import City
from gateway import wording
from gateway.city import load_words
from gateway.findings import Finding, Level
from gateway.outbound.render import Renderer
from gateway.strict import ConfigError
from gateway.wording import sources, versions
from gateway.wording.sheet import LABEL, Row
from gateway.wording.texts import Texts, gather

_PLAIN = re.compile(r"[^\W\d_][^:#\"'\[\]{}&*!|>%@`]*")
_OPTIONS = re.compile(r"(?ms)^options:[^\n]*\n?(.*?)(?=^\S|\Z)")


class Refused(Exception):
    """The sheet cannot be taken. ``findings`` say why; nothing was changed."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Name every reason."""
        super().__init__(f"{len(findings)} errors")
        self.findings = findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an import came to: the names of texts that changed, and what is still wrong with the language."""

    changed: tuple[str, ...]
    findings: tuple[Finding, ...]


def take(city: City, templates: Path, service: str, rows: Sequence[Row]) -> Taken:
    """Put the words of a sheet into ``templates``, or raise ``Refused``. ``service``: how we call ourselves."""
    language = _language(rows, templates)
    city = _with(city, templates, language)
    before = gather(city, Renderer(city, templates, service), templates, language=language)
    if wrong := tuple(_wrong(before, language, rows)):
        raise Refused(wrong)
    new = {row.text: row.words for row in rows if row.words and row.words != _present(before, language, row.text)}
    files = _files(before, language, new)
    old = tuple(_of(before, language))
    if not files:
        return Taken(changed=(), findings=old)
    findings = tuple(_tried(city, templates, service, language, files))
    if errors := [one for one in findings if one.level is Level.ERROR and one not in old]:
        raise Refused(errors)
    put(templates, files)
    return Taken(changed=tuple(new), findings=findings)


def say_same(texts: Texts, language: str, names: Iterable[str]) -> None:
    """Write down that these texts say what the base words say now."""
    put(texts.templates, {Path(language) / versions.FILE: versions.same(texts, language, names)})


def put(templates: Path, files: Mapping[Path, str]) -> None:
    """Write all files or none: first all beside their places, then each into its place."""
    waiting: list[tuple[Path, Path]] = []
    try:
        for name, words in files.items():
            place = templates / name
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f"{place.name}.new")
            waiting.append((beside, place))
            beside.write_text(words, encoding="utf-8")
    except OSError:
        for beside, _ in waiting:
            beside.unlink(missing_ok=True)
        raise
    for beside, place in waiting:
        beside.replace(place)


def _language(rows: Sequence[Row], templates: Path) -> str:
    languages = {row.language for row in rows}
    if len(languages) != 1:
        found = ", ".join(sorted(languages)) or "none"
        raise Refused([_about("sheet", f"a sheet is of one language, and this is of: {found}", "export it again")])
    [language] = languages
    if not re.fullmatch(r"[a-z]{2,3}", language) or not (templates / language / "words.yaml").is_file():
        mend = f"begin with {language}/words.yaml: copy that of another language"
        raise Refused([_about("sheet", f'there is no language "{language}"', mend)])
    return language


def _wrong(texts: Texts, language: str, rows: Sequence[Row]) -> Iterator[Finding]:
    """What can be said of a sheet before anything is rendered."""
    now = versions.base_marks(texts)
    known = now.keys() | {text.said.template for text in texts.by_language[language]}
    known |= {f"{LABEL}{name}" for name in texts.labels()}
    times = Counter(row.text for row in rows)
    for row in rows:
        where = f"sheet line {row.line}: {row.text}"
        there = _present(texts, language, row.text)
        if row.text not in known:
            yield _about(where, "there is no such text", "take the row out")
        elif times[row.text] > 1:
            yield _about(where, f"stands here {times[row.text]} times", "leave one of them")
        elif not row.words and there:
            yield _about(where, "is empty", "write it, or take the row out to keep what is there")
        elif row.words != there and language != texts.base and row.of != now.get(row.text, ""):
            yield _about(where, f"the {texts.base} words changed after this sheet was made", "export it again")


def _present(texts: Texts, language: str, name: str) -> str:
    if name.startswith(LABEL):
        return texts.city.words[language].options.get(name.removeprefix(LABEL), "")
    source = texts.source(language, name)
    return source.words if source else ""


def _files(texts: Texts, language: str, new: Mapping[str, str]) -> dict[Path, str]:
    """The files that change, with their new content; the marks last."""
    folder = Path(language)
    written = {
        folder / f"{name}.j2": sources.compose(words, _declared(texts, language, name))
        for name, words in new.items()
        if not name.startswith(LABEL)
    }
    labels = {name.removeprefix(LABEL): words for name, words in new.items() if name.startswith(LABEL)}
    if labels:
        file = texts.templates / language / "words.yaml"
        written[folder / "words.yaml"] = with_labels(file.read_text(encoding="utf-8"), labels)
    if new and language != texts.base:
        written[folder / versions.FILE] = versions.same(texts, language, new)
    return written


def _declared(texts: Texts, language: str, name: str) -> int | None:
    """How many segments the template allows itself; a new one as many as that of the base language."""
    there = texts.source(language, name) or texts.source(texts.base, name)
    return there.declared if there else None


def with_labels(written: str, labels: Mapping[str, str]) -> str:
    """The file words.yaml with these labels among its options, and all else, comments too, as it stood."""
    block = _OPTIONS.search(written)
    lines = block[1].splitlines() if block else []
    for name, label in labels.items():
        key = json.dumps(name) if name in {"yes", "no"} else name
        plain = _PLAIN.fullmatch(label) and yaml.safe_load(label) == label
        said = label if plain else json.dumps(label, ensure_ascii=False)
        line = f"  {key}: {said}"
        at = next((at for at, one in enumerate(lines) if re.match(rf"\s+[\"']?{name}[\"']?\s*:", one)), None)
        if at is None:
            lines.append(line)
        else:
            lines[at] = line
    options = "options:\n" + "".join(f"{line}\n" for line in lines)
    if block is None:
        return f"{written.rstrip()}\n\n{options}"
    return written[: block.start()] + options + written[block.end() :]


def _tried(city: City, templates: Path, service: str, language: str, files: Mapping[Path, str]) -> Iterator[Finding]:
    """What is wrong with the language once these files are in their places."""
    with tempfile.TemporaryDirectory(prefix="barrio-words-") as folder:
        copy = Path(folder) / "sms"
        shutil.copytree(templates, copy)
        put(copy, files)
        try:
            changed = _with(city, copy, language)
        except ConfigError as error:
            yield _about(f"{language}/words.yaml", str(error).replace(folder, "").lstrip("/"), "mend the label")
            return
        texts = gather(changed, Renderer(changed, copy, service), copy, language=language)
        yield from _of(texts, language)


def _of(texts: Texts, language: str) -> Iterator[Finding]:
    """What is wrong with one language."""
    return (one for one in wording.findings(texts) if one.where.startswith((f"{language}/", f"{language}:")))


def _with(city: City, templates: Path, language: str) -> City:
    words = load_words(templates, language, templates)
    return replace(city, words={**city.words, language: words})


def _about(where: str, what: str, mend: str) -> Finding:
    return Finding(level=Level.ERROR, where=where, what=what, mend=mend)
