"""Whether an answer to a question that waits means yes, no, or half."""

from typing import Literal

from dialogs.city import City
from dialogs.understand import keywords
from dialogs.understand.folding import by_ear, sounded
from dialogs.understand.index import per_city
from dialogs.understand.phrases import Phrasebook, is_open

Verdict = Literal["yes", "no", "half"]

_VERDICTS: tuple[Verdict, ...] = ("half", "no", "yes")
#: A longer text is a story, not an answer.
LONGEST = 16
#: A yes that goes on with one of these is none: better to ask again than to close a case ("ya vinieron y quedo peor").
_BUT = frozenset(
    by_ear(
        "pero but peor peores mal malo mala feo fea igual igualito otra nada nunca todavia aun falta faltan tampoco "
        "rompieron rompio roto rota rompe dejaron worse still broken again"
    ).split()
)
_NO = frozenset({"no", "nop", "not"})
_ANOTHER = frozenset(by_ear("otro otra otros otras another other").split())
#: A yes with one of these says more than yes: it is mended.
_MENDED = tuple(by_ear("arreglad solucionad reparad resuelt fixed solved repaired").split())


@per_city
def _open_phrases(city: City) -> Phrasebook:
    return Phrasebook(
        {
            name: [
                phrase
                for language in city.languages
                for phrase in city.words[language].commands.get(name, ())
                if is_open(phrase)
            ]
            for name in _VERDICTS
        }
    )


def of_another(text: str) -> bool:
    """Whether ``text`` speaks of another one: "el otro foco tampoco"."""
    return not _ANOTHER.isdisjoint(sounded(text))


def tells_mended(text: str) -> bool:
    """Whether ``text`` says that something is mended; ask first whether it is a yes."""
    return any(word.startswith(_MENDED) for word in sounded(text))


def verdict(text: str, city: City) -> Verdict | None:
    """Return what ``text`` answers, or None where it does not say, or says both.

    Half outranks yes and no ("si, a medias"). "Yes, but" is no yes: better to ask again than to close a case.
    """
    whole = keywords.parts(text, city)
    said = sounded(text)
    if len(said) > LONGEST:
        return None
    found = {*whole.intersection(_VERDICTS), *_open_phrases(city).named(said)}
    if "half" in found:
        return "half"
    if found == {"yes"}:
        return "yes" if _BUT.isdisjoint(said) else None
    if found == {"no"} or (found and said[0] in _NO):
        return "no"
    return None
