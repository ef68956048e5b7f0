"""Which texts still say what the base language says.

Rule 1: ``<language>/translated.yaml`` holds, for each text, the mark of the words from which it was translated. When
those words change, the mark no longer fits, and somebody must read the two side by side.
Rule 2: only people say that two texts say the same: by importing a sheet, or by ``barrio words same``.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gateway.findings import Finding, Level
from gateway.strict import Strict, read, validate
from gateway.wording import sources
from gateway.wording.texts import Texts

FILE = "translated.yaml"
_HEAD = """\
# From which words each text here was translated, by a short mark of them. When they change, `barrio check` says so.
# Written by `barrio words import` and `barrio words same`; nobody needs to edit it.
"""


class _Written(Strict):
    base: str
    texts: dict[str, str]


def examine(texts: Texts) -> Iterator[Finding]:
    """Give the texts whose base words changed since they were translated, and those of which nobody said so."""
    for language in texts.by_language:
        if language != texts.base:
            yield from _of(texts, language)


def base_marks(texts: Texts) -> Mapping[str, str]:
    """The mark of each text in the base language, by its name: ``report/thanks``, ``words/half``."""
    templates = {
        text.said.template: sources.mark(text.source.words)
        for text in texts.by_language[texts.base]
        if text.source is not None
    }
    labels = {f"words/{name}": sources.mark(label) for name, label in texts.city.words[texts.base].options.items()}
    return templates | labels


def marks(texts: Texts, language: str) -> Mapping[str, str]:
    """Those of them that ``language`` has too."""
    there = {text.said.template for text in texts.by_language[language] if text.source is not None}
    there |= {f"words/{name}" for name in texts.city.words[language].options}
    return {name: mark for name, mark in base_marks(texts).items() if name in there}


def kept(templates: Path, language: str, base: str) -> Mapping[str, str]:
    """The marks that were written down; none if there is no file, or if it speaks of another base language."""
    file = templates / language / FILE
    if not file.is_file():
        return {}
    written = validate(_Written, read(file), file)
    return written.texts if written.base == base else {}


def same(texts: Texts, language: str, names: Iterable[str]) -> str:
    """The new content of the file, once ``names`` are known to say what the base words say now."""
    now = base_marks(texts)
    known = {name: mark for name, mark in kept(texts.templates, language, texts.base).items() if name in now}
    return _composed(texts.base, known | {name: now[name] for name in names})


def _composed(base: str, texts: Mapping[str, str]) -> str:
    lines = (f'  {name}: "{mark}"\n' for name, mark in sorted(texts.items()))
    return f"{_HEAD}base: {base}\ntexts:\n{''.join(lines)}" if texts else f"{_HEAD}base: {base}\ntexts: {{}}\n"


def _of(texts: Texts, language: str) -> Iterator[Finding]:
    now, then = marks(texts, language), kept(texts.templates, language, texts.base)
    if now and not then:
        yield Finding(
            level=Level.WARNING,
            where=f"{language}/{FILE}",
            what=f"does not say from which {texts.base} words the texts were translated",
            mend=f"read them side by side, then: barrio words same {language} --all",
        )
        return
    for name, mark in now.items():
        if then.get(name) != mark:
            what = f"the {texts.base} words changed after this was translated"
            yield Finding(
                level=Level.WARNING,
                where=_where(language, name),
                what=what if name in then else f"nobody has said that it says what {texts.base} says",
                mend=f"read the two side by side, then: barrio words same {language} {name}",
            )


def _where(language: str, name: str) -> str:
    option = name.removeprefix("words/")
    return f"{language}/{name}.j2" if option == name else f"{language}/words.yaml: options.{option}"
