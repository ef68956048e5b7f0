"""Whether a template and who fills it agree: it is there, it can be read, and each value is given, known and said."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from dialogs.effects import Param, Say
from dialogs.messages import ChannelKind
from gateway.findings import Finding, Level
from gateway.outbound.render import RenderFailed
from gateway.wording.texts import Text, Texts

#: What any template may name besides the values it is given.
EVERYWHERE = frozenset({"service", "hotlines"})


def examine(texts: Texts) -> Iterator[Finding]:
    """Give what is missing, what nobody says, and every value on which template and dialog do not agree."""
    for text in texts:
        if text.sound:
            yield from _named(texts, text)
        else:
            yield from _unreadable(texts, text)
    for language, said in texts.by_language.items():
        yield from _left(texts, language, said)
    yield from _unused(texts)
    yield from _labels(texts)


def given(text: Text) -> frozenset[str]:
    """The values that a template may use."""
    return frozenset(text.said.gives) | EVERYWHERE


def sayable(texts: Texts, text: Text) -> bool:
    """Whether it can be rendered at all; what cannot is found here and need not be measured."""
    return text.sound and not any(_named(texts, text))


def _unreadable(texts: Texts, text: Text) -> Iterator[Finding]:
    if text.source is None:
        mend = "write it, or take the language out of service.languages"
        yield Finding(level=Level.ERROR, where=text.where, what="is not there", mend=mend)
    else:
        mend = f"compare it with {texts.base}/{text.said.template}.j2"
        yield Finding(level=Level.ERROR, where=text.where, what=f"cannot be read: {text.source.fault}", mend=mend)


def _named(texts: Texts, text: Text) -> Iterator[Finding]:
    """What a template names that is not there."""
    source = text.source
    if source is None:
        return
    sound = True
    for what, names, known in (
        ("value", source.values, given(text)),
        ("filter", source.filters, texts.renderer.filters(text.language)),
        ("hotline", source.hotlines, frozenset(texts.city.hotlines)),
    ):
        for name in sorted(names - known):
            sound = False
            offered = sorted(texts.renderer.own(text.language) if what == "filter" else known)
            yield Finding(
                level=Level.ERROR,
                where=text.where,
                what=f'names the {what} "{name}", which {"it is not given" if what == "value" else "is not there"}',
                mend=f"it may name: {', '.join(offered)}",
            )
    if sound:
        yield from _none(texts, text)


def _none(texts: Texts, text: Text) -> Iterator[Finding]:
    """A value that is not always known, said without asking first; or words that fail in some other way."""
    full = _tried(texts, text, text.said.gives)
    if isinstance(full, RenderFailed):
        mend = f"compare it with {texts.base}/{text.said.template}.j2"
        yield Finding(level=Level.ERROR, where=text.where, what=f"cannot be said ({full})", mend=mend)
        return
    if not full.strip():
        yield Finding(level=Level.ERROR, where=text.where, what="says nothing", mend="write it")
    for name in sorted(text.said.maybe):
        words = _tried(texts, text, {**text.said.gives, name: None})
        if isinstance(words, RenderFailed) or words.count("None") > full.count("None"):
            yield Finding(
                level=Level.ERROR,
                where=text.where,
                what=f'says "{name}" also where it is not known',
                mend=f"put {{% if {name} %}} and {{% endif %}} around it",
            )


def _tried(texts: Texts, text: Text, params: Mapping[str, Param]) -> str | RenderFailed:
    try:
        return texts.renderer.text(Say(template=text.said.template, params=params), text.language, ChannelKind.SMS)
    except RenderFailed as failed:
        return failed


def _left(texts: Texts, language: str, said: Sequence[Text]) -> Iterator[Finding]:
    """Values that are given and not said: by none of those that get them alike, or only by those in the base."""
    of_base = {text.said.template: text for text in texts.by_language[texts.base]}
    said_by_kin: defaultdict[str, set[str]] = defaultdict(set)
    for text in said:
        said_by_kin[text.said.kin] |= text.source.values if text.source else set()
    for text in said:
        if not text.sound or text.source is None:
            continue
        base = of_base[text.said.template].source
        wanted = base.spoken & set(text.said.gives) if base is not None and language != texts.base else frozenset()
        for name in sorted(wanted - text.source.spoken):
            yield Finding(
                level=Level.WARNING,
                where=text.where,
                what=f'does not say "{name}", which {texts.base} says',
                mend="say it, or take it out of both",
            )
        if language == texts.base:
            yield from _unsaid(text, said_by_kin)


def _unsaid(text: Text, said_by_kin: Mapping[str, set[str]]) -> Iterator[Finding]:
    for name in sorted(set(text.said.gives) - said_by_kin[text.said.kin]):
        yield Finding(
            level=Level.WARNING,
            where=text.where,
            what=f'is given "{name}" and does not say it',
            mend="say it, or give it no more",
        )


def _unused(texts: Texts) -> Iterator[Finding]:
    for language, said in texts.by_language.items():
        folder = texts.templates / language
        known = {f"{text.said.template}.j2" for text in said}
        for file in sorted(folder.rglob("*.j2")):
            name = file.relative_to(folder).as_posix()
            if name not in known:
                yield Finding(
                    level=Level.WARNING,
                    where=f"{language}/{name}",
                    what="is said by nothing",
                    mend="remove it, or give it the name of a step: <dialog>/<step>.j2",
                )


def _labels(texts: Texts) -> Iterator[Finding]:
    used = texts.labels()
    for language in texts.by_language:
        written = texts.city.words[language].options
        where = f"{language}/words.yaml: options"
        for name in sorted(used - written.keys()):
            mend = "write the label: at most 24 letters, a verb first"
            yield Finding(level=Level.ERROR, where=where, what=f'has no "{name}"', mend=mend)
        for name in sorted(written.keys() - used):
            yield Finding(level=Level.WARNING, where=where, what=f'"{name}" is offered by nothing', mend="remove it")
