"""What a message offers: not more than a small screen holds, and no word that carriers keep for themselves."""

import re
from collections.abc import Iterator, Sequence

from gateway.findings import Finding, Level
from gateway.wording.lengths import Measured
from gateway.wording.said import SIX
from gateway.wording.texts import Texts

#: Words that carriers act on before they reach us, or instead: they opt people out, or in, or send their own help.
CARRIERS = frozenset(
    "stop stopall unsubscribe cancel end quit revoke optout start unstop yes help info arret".split()  # noqa: SIM905
)
#: How a message asks for a word.
_ASKS = r"(?:reply|replying|text|send|answer|write|responda|env[ií]e|escriba|mande|conteste)"
_WITH = r"(?:\s+(?:with|con))?(?:\s+(?:the\s+word|la\s+palabra))?"
_ASKED = re.compile(rf"\b{_ASKS}{_WITH}\s+[\"'“«]?([a-z]+)", re.IGNORECASE)
_QUOTED = re.compile(r"[\"'“«]([A-Za-z]+)[\"'”»]")
_SHOUTED = re.compile(r"\b[A-Z]+\b")
_LISTED = re.compile(r"(?m)^[1-9][ .):-]")


def examine(texts: Texts, measured: Sequence[Measured]) -> Iterator[Finding]:
    """Give every offer of too many choices, and every word offered that would never reach us."""
    for one in measured:
        listed = max(one.shows, len(_LISTED.findall("\n".join(one.text.source.literal)) if one.text.source else ()))
        if listed > SIX:
            what = f"shows {listed} options at once, and a small screen holds {SIX}"
            yield Finding(level=Level.ERROR, where=one.text.where, what=what, mend="give its step a smaller page")
    for text in texts:
        for word in _offered("".join(text.source.literal) if text.source else ""):
            yield Finding(
                level=Level.ERROR,
                where=text.where,
                what=f'offers "{word}", which carriers act on themselves',
                mend="offer a digit, or a word of our own: BAJA, ALTA",
            )


def _offered(written: str) -> list[str]:
    asked = (*_ASKED.findall(written), *_QUOTED.findall(written), *_SHOUTED.findall(written))
    return list(dict.fromkeys(word.upper() for word in asked if word.lower() in CARRIERS))
