"""Words with nobody's number in them: whatever looks like a telephone number or an identity card is replaced.

Rule: tracking codes stay as they are written (they lead staff to the case), and so do short numbers: a street's, a
hotline's, an answer. Names stay: no program knows them all, which is why a person reads before anything is shared.
"""

import re

from dialogs.understand import codes
from gateway.replay.dice import is_invented

#: So many digits with nothing but spaces and marks between them may be somebody's. A code has nine and a check digit.
DIGITS = re.compile(r"(?<![\d])\+?\d(?:[ .,*()/_-]{0,3}\d){5,14}(?![\d])")
#: A day, a month and a year as people write them; "7123-45-67" is none.
DATE = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:20)?\d{2}|20\d{2}([/.-])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12]\d|3[01])"
)


def masked(text: str) -> str:
    """The text with the digits of such numbers replaced by ``#``, but for the last two."""
    return DIGITS.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    run = found.group()
    if codes.find(run) or DATE.fullmatch(run) or is_invented(re.sub(r"\D", "", run)):
        return run
    return re.sub(r"\d(?=(?:\D*\d){2})", "#", run)
