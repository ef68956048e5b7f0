"""Language: only those that a speaker has reviewed are offered."""

from collections.abc import Mapping, Sequence

from dialogs.effects import Effect, LabelKind, Option, Param, SetLanguage
from dialogs.facts import Facts
from dialogs.nodes import Choose, Dialog, Do, End
from dialogs.session import Answers
from dialogs.understand import folding


def _offered(facts: Facts, _answers: Answers) -> Sequence[Option]:
    return tuple(Option(key="", value=name, label=LabelKind.LANGUAGE, ref=name) for name in facts.city.languages)


def named(facts: Facts, text: str) -> str | None:
    """The offered language that a text names ("en ingles", "english please"), or None."""
    said = folding.fold(text).split()
    offered = (facts.city.words[language] for language in facts.city.languages)
    names = {folding.fold(name): words.language for words in offered for name in (words.name, *words.called)}
    return next((names[word] for word in said if word in names), None)


def _by_name(facts: Facts, _answers: Answers, text: str) -> str | None:
    return named(facts, text)


def _told(_facts: Facts, answers: Answers) -> Answers | None:
    return {} if answers.get("language") is not None else None


def _set(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (SetLanguage(language=str(answers["language"])),)


def _chosen(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    return {"language": str(answers["language"])}


LANGUAGE = Dialog(
    name="language",
    start="ask",
    aside=True,
    steps={
        "ask": Choose(
            options=_offered, save="language", known=_told, understand=_by_name, next="set", give_up="unchanged"
        ),
        "set": Do(effects=_set, next="done"),
        "done": End(params=_chosen),
        "unchanged": End(),
    },
)
