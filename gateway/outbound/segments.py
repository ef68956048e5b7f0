"""What a text costs and how a phone shows it: GSM-7 or UCS-2, septets, segments, and folding to what is cheaper.

Rule 1: one letter outside GSM-7 turns a message of 160 places into one of 70. Of Spanish only á í ó ú are outside; they
lose their accent where that saves a segment. ñ is never touched: año is not ano.
Rule 2: only what we send is folded. What a resident wrote is kept as it came.

Source: 3GPP TS 23.038 (alphabet) and 23.040 (140 octets; concatenation takes 6 of them).
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

#: The default alphabet, in the order of its codes; 0x1B, the escape, is no letter and is left out.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Behind the escape: two septets each.
_EXTENSION = "\f^{}\\[~]|€"
_SEPTETS = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENSION, 2)}
#: Asked of every text we send, so at the speed of C: is a letter outside the alphabet, which take two septets?
_OUTSIDE = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]")
_DOUBLE = re.compile(f"[{re.escape(_EXTENSION)}]")

#: Septets, or UCS-2 units, in a message alone and in each part of a longer one.
GSM7_ALONE, GSM7_PART = 160, 153
UCS2_ALONE, UCS2_PART = 70, 67
_BEYOND_BMP = 0xFFFF

#: So many letters from outside the alphabet are remembered with what is written for them.
_LETTERS = 256

#: Controls, unpaired halves of an emoji, and marks that steer the eye: nothing a phone shows, and each forces UCS-2.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
#: What is written for a letter that the alphabet lacks and that no decomposition helps.
_REPLACED = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u2039\u203a\u02bc\u00b4`\u2032", "'"),
        **dict.fromkeys("\u2013\u2014\u2012\u2015\u2212\u2022\u00b7\u2010\u2011", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        "…": "...",
        "º": "o",
        "°": "o",
        "ª": "a",
        "ÿ": "y",
    }
)
#: What costs two septets, and what says nearly the same for one.
_CHEAPER = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "~": "-", "|": "/", "\\": "/", "€": "EUR", "^": ""})
#: What a screen of an old phone is not trusted with: all but printable ASCII, new lines, and ñ.
_NOT_PLAIN = re.compile("[^ -~ñÑ\n]")


def septets(text: str) -> int | None:
    """Return how many septets ``text`` takes in GSM-7, or None if a letter of it is outside."""
    return None if _OUTSIDE.search(text) else len(text) + len(_DOUBLE.findall(text))


def count(text: str) -> int:
    """Return how many segments ``text`` is sent and paid as. An empty text is one."""
    length = septets(text)
    return 1 if length is not None and length <= GSM7_ALONE else len(parts(text))


def parts(text: str) -> list[str]:
    """Return ``text`` as the parts it travels in; joined they are ``text``.

    An escape and its letter, or the two halves of an emoji, never travel in different parts.
    """
    length = septets(text)
    if length is not None:
        return _split(text, length, GSM7_ALONE, GSM7_PART, _SEPTETS.__getitem__)
    return _split(text, len(text.encode("utf-16-le", "surrogatepass")) // 2, UCS2_ALONE, UCS2_PART, _units)


def _units(char: str) -> int:
    return 2 if ord(char) > _BEYOND_BMP else 1


def _split(text: str, length: int, alone: int, part: int, width: Callable[[str], int]) -> list[str]:
    if length <= alone:
        return [text]
    if length == len(text):  # as nearly always: no character is wider than one, so none can be torn apart
        return [text[at : at + part] for at in range(0, length, part)]
    found: list[str] = []
    start = used = 0
    for at, char in enumerate(text):
        if used + width(char) > part:
            found.append(text[start:at])
            start, used = at, 0
        used += width(char)
    return [*found, text[start:]]


def fold(text: str) -> str:
    """Return ``text`` as it is best sent: unchanged if nothing is saved, else folded to GSM-7.

    Of the ways to write it, the one with the fewest segments; of equals, the one that changes least.
    """
    written = _seen(text)
    length = septets(written)
    if length is not None and length <= GSM7_ALONE:
        return written
    folded = gsm7(written)
    if len(written) > UCS2_ALONE and (septets(folded) or 0) <= GSM7_ALONE:
        return folded  # as nearly always: one segment, and more than one as it was written
    return min((written, folded, cheaper(folded)), key=count)


def ussd(text: str) -> str:
    """Return ``text`` as any phone's USSD screen shows it: ASCII, ñ, one character a place."""
    folded = gsm7(_seen(text))
    plain = _NOT_PLAIN.sub(lambda found: _base(found[0]), cheaper(folded))
    return _NOT_PLAIN.sub("", plain)


def _seen(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text).replace("\t", " "))


def gsm7(text: str) -> str:
    """``text`` with every letter in the alphabet: replaced, or without its accent, or left out."""
    folded = _OUTSIDE.sub(lambda found: _nearest(found[0]), text)
    return folded if folded == text else _single_spaces(folded)


def cheaper(text: str) -> str:
    """``text`` with nothing in it that takes two septets."""
    return _DOUBLE.sub(lambda found: found[0].translate(_CHEAPER), text)


@lru_cache(maxsize=_LETTERS)
def _nearest(char: str) -> str:
    replaced = char.translate(_REPLACED)
    return "".join(one for one in (replaced if replaced != char else _base(char)) if one in _SEPTETS)


def _base(char: str) -> str:
    """The letter without its marks: á is a, ﬁ is fi."""
    return "".join(one for one in unicodedata.normalize("NFKD", char) if not unicodedata.combining(one))


def _single_spaces(text: str) -> str:
    return "\n".join(" ".join(filter(None, line.split(" "))) for line in text.split("\n"))
