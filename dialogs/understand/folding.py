"""One shape for a word however it was spelt, so that all the rest compares shapes.

``fold`` is the careful shape: letters a-z, digits and single spaces. ``sounded`` is the generous one: words as they
sound in the Spanish of the Andes, with the short forms of text messages written out, so that ``kiero q bengan`` and
``quiero que vengan`` are the same.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

from dialogs.understand.index import RECENT

#: Letters of other alphabets that look like Latin ones; "STOP" with a Cyrillic O is still an opt-out.
_LOOKALIKES = str.maketrans(
    "АВЕЅЗІЈКМНОРСТУХавеѕіјкмнорстухΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχ",
    "ABESEIJKMHOPCTYXabesijkmhopctyxABEZHIKMNOPTYXabeiknoptux",
)
#: What a thumb or folded hands say, as the word for it; of all other pictures nobody knows what they mean.
_SIGNS = {"\U0001f44d": " ok ", "\U0001f44c": " ok ", "\U0001f44e": " no ", "\U0001f64f": " gracias "}
_NOT_WORD = re.compile(r"[^a-z0-9]+")
#: The same for what is ASCII, as nearly all is by then: several times as quick.
_PARTS = {at: " " for at in range(128) if not chr(at).isalnum()}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
#: Letters remembered with what stands for them.
_LETTERS = 512
#: Words remembered with their sound: people use few.
_WORDS = 4096
#: Of a longer text only the beginning is read: ten SMS. What is kept is always the whole.
MOST_READ = 1600
_APOSTROPHES = str.maketrans("", "", "'`\u2018\u2019\u02bc\u00b4")
#: A letter three times or more, or a vowel twice at the end of a word. All begin with two that are equal, which is
#: quickly told; so is an x.
_DRAWN_OUT = re.compile(r"([a-z])\1(?:\1+|(?<=[a-z]{3})(?<=[aiou])\b)")
_DOUBLED = re.compile(r"([b-df-hj-np-qs-tv-zC])\1+")
_X_AS_CH = re.compile(r"x(?<=\bx)(?=[aeiou])")

#: What people press instead of writing a word out. Never a place's or a person's name.
SHORT_FORMS = {
    "aki": "aqui",
    "av": "avenida",
    "avda": "avenida",
    "bn": "bien",
    "cel": "celular",
    "cn": "con",
    "d": "de",
    "dl": "del",
    "dnd": "donde",
    "esq": "esquina",
    "grax": "gracias",
    "grcs": "gracias",
    "grx": "gracias",
    "k": "que",
    "kien": "quien",
    "m": "me",
    "mchas": "muchas",
    "mxas": "muchas",
    "mnsj": "mensaje",
    "msg": "mensaje",
    "msj": "mensaje",
    "msjs": "mensajes",
    "n": "en",
    "nro": "numero",
    "num": "numero",
    "p": "para",
    "pa": "para",
    "pls": "please",
    "plz": "please",
    "porfa": "por favor",
    "porfavor": "por favor",
    "porfis": "por favor",
    "porq": "porque",
    "pq": "porque",
    "q": "que",
    "qiero": "quiero",
    "sms": "mensaje",
    "srta": "senorita",
    "sr": "senor",
    "sra": "senora",
    "tb": "tambien",
    "tbn": "tambien",
    "tmb": "tambien",
    "x": "por",
    "xfa": "por favor",
    "xfavor": "por favor",
    "xfis": "por favor",
    "xq": "porque",
    "z": "zona",
}

_BY_EAR = (
    ("ch", "C"),
    ("ll", "y"),
    ("que", "ke"),
    ("qui", "ki"),
    ("gue", "Ge"),
    ("gui", "Gi"),
    ("ce", "se"),
    ("ci", "si"),
    ("ge", "je"),
    ("gi", "ji"),
    ("ph", "f"),
    ("y ", "i "),
)
_SAME_SOUND = str.maketrans({"q": "k", "c": "k", "z": "s", "x": "s", "v": "b", "w": "u", "h": None, "G": "g"})


@lru_cache(maxsize=RECENT)
def fold(text: str) -> str:
    """Return ``text`` in lower case a-z and 0-9 with single spaces: no accents, no marks, no drawn-out letters.

    Digits of every script become 0-9, letters that look Latin become Latin, what is neither vanishes.
    """
    text = text[:MOST_READ]
    if text.isascii():
        text = text.replace("'", "").replace("`", "")
    else:
        text = text.translate(_APOSTROPHES)  # first: NFKD makes a blank of an acute accent
        text = _BEYOND_ASCII.sub(lambda found: _plain(found[0]), unicodedata.normalize("NFKD", text))
    plain = text.casefold().translate(_PARTS) if text.isascii() else _NOT_WORD.sub(" ", text.casefold())
    return _DRAWN_OUT.sub(r"\1", " ".join(plain.split()))


@lru_cache(maxsize=_LETTERS)
def _plain(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    char = char.translate(_LOOKALIKES)
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return "" if unicodedata.combining(char) or unicodedata.category(char) == "Cf" else char


def words(text: str) -> list[str]:
    """Return the folded words of ``text`` with the short forms of text messages written out."""
    return " ".join([SHORT_FORMS.get(word, word) for word in fold(text).split()]).split()


@lru_cache(maxsize=_WORDS)
def _sounds_of(word: str) -> tuple[str, ...]:
    """The sound of one folded word; of a short form, of all the words that it stands for."""
    return tuple(by_ear(SHORT_FORMS.get(word, word)).split())


def by_ear(folded: str) -> str:
    """Return folded words as they sound: b as v, s as soft c and z, k as qu, ll as y, no h, no doubled consonant.

    But rr stays (a chorro is water, a choro a thief). Capital C stands for ch. For comparing, never for reading.
    """
    heard = _X_AS_CH.sub("C", folded) + " "
    for spelt, sound in _BY_EAR:
        heard = heard.replace(spelt, sound)
    return _DOUBLED.sub(r"\1", heard.translate(_SAME_SOUND)).rstrip()


@lru_cache(maxsize=RECENT)
def sounded(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` written out and as they sound."""
    return tuple(chain.from_iterable(map(_sounds_of, fold(text).split())))
