"""Cases that a person relabelled, as labelled lines that ``barrio evaluate`` and ``barrio learn`` read.

Rule 1: no digit leaves the house, however it is written, so no telephone number, date, address or code does.
Rule 2: nothing names who reported it or who worked on it. What residents call each other stays: no program knows all
names, which is why a person reads before a file is shared.
"""

import json
import re
from collections.abc import Iterable

from dialogs.city import City
from dialogs.understand import intents, safety
from dialogs.understand.folding import fold
from store.labels import Relabelled

#: Numbers spoken one after the other: four of them may be the end of somebody's telephone number.
_SPOKEN = (
    "cero|uno|una|dos|tres|cuatro|cinco|sinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|diecis[eé]is|"
    "diecisiete|dieciocho|diecinueve|veinte|veinti\\w+|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|"
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|oh"
)
_IN_WORDS = re.compile(rf"\b(?=[a-z])(?:{_SPOKEN})(?:[\W_]+(?:y[\W_]+)?(?:{_SPOKEN})\b){{3,}}", re.IGNORECASE)
HIDDEN = "#"


def line(one: Relabelled, names: Iterable[str], city: City) -> str:
    """A case as one line of JSON. ``names``: of all who work here; those who had this case are hidden too."""
    known = {*(name.removeprefix("cli:") for name in one.staff), *names}
    text = masked(one.text, [name for name in known if not _is_complained_of(name, city)])
    row = {"text": text, "category": one.category, "intent": intents.REPORT, "was": one.was}
    return json.dumps(row, ensure_ascii=False)


def _is_complained_of(name: str, city: City) -> bool:
    """Whether a name is also what goes wrong here: hiding Luz would take the lamp out of every complaint."""
    said = (fold(phrase).split() for kind in city.categories.values() for phrase in kind.words)
    return any(fold(name) in words for words in said)


def is_public(one: Relabelled, city: City) -> bool:
    """Whether a case may leave: its words are not such as would make it confidential today."""
    return not safety.confidential(one.text, city)


def masked(text: str, names: Iterable[str] = ()) -> str:
    """The text with every digit, numbers in words, and the names of staff replaced by ``#``."""
    hidden = _IN_WORDS.sub(HIDDEN, " ".join(text.split()))
    for name in sorted(names, key=len, reverse=True):
        hidden = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", HIDDEN, hidden, flags=re.IGNORECASE)
    return "".join(HIDDEN if letter.isnumeric() else letter for letter in hidden)
