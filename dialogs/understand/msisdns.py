"""Whose number a report names as the one it is told for: "para el 7xxxxxxx", "a nombre de mi mama 7xxxxxxx"."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from dialogs.understand.folding import words

#: Who or what may stand between the cue and the number.
_WHOSE = (
    "el|la|al|del|mi|su|este|numero|celular|telefono|whatsapp|es|mama|papa|madre|padre|hermana|hermano|vecina|vecino"
    "|tia|tio|abuela|abuelo|hija|hijo|esposa|esposo|comadre|compadre|amiga|amigo|senora|senor|dona|don|number|phone"
    "|my|mother|father|sister|brother|neighbour|neighbor|friend"
)
#: Nearly no report holds so many digits, and of those that do not nothing more is read.
_DIGITS = re.compile(r"(?:\d[\W_]{0,3}){7}")
_MEANT = re.compile(
    r"\b(?:para|pa|de parte de|a nombre de|avisen|avisenle|avisar|avisarle|respondan|respondanle|contesten|contestenle"
    r"|escriban|escribanle|for|on behalf of|tell|answer|reply to)"
    rf"(?: (?:{_WHOSE})){{0,4}} (\d[\d ]{{6,15}}\d)\b"
)


def meant_for(text: str, country: str) -> str | None:
    """Return that number as E.164, or None. ``country`` is the one that a number is of which names none."""
    found = _MEANT.search(" ".join(words(text))) if _DIGITS.search(text) else None
    if found is None:
        return None
    for written in (found[1], f"+{found[1]}"):
        try:
            number = phonenumbers.parse(written, country)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return None
