"""How long the longest texts keep us: every compiled pattern, and every reading of a text, on 100,000 characters.

Who sends such a text pays little and should cost us little. What grows with the square of a text shows at once: it
takes seconds. Bound: 50 ms of the processor each.
"""

import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType

import dialogs
import gateway
import providers
import store
from dialogs.city import City
from dialogs.understand import (
    answers,
    categories,
    codes,
    elsewhere,
    intents,
    keywords,
    kinds,
    numbers,
    places,
    safety,
)
from gateway.config import HOME, load

LENGTH = 100_000
BOUND = 0.050
#: What nests, overlaps or backs off in patterns: runs of one kind, runs of two in turn, and an end that fits nothing.
_PIECES = (
    "a",
    "1",
    " ",
    "a ",
    "1 ",
    "-",
    "a1",
    "=",
    "/",
    "\\",
    "\n",
    "a\n",
    ".",
    "a.",
    "4-8",
    ",",
    '"',
    "\0",
    "ñ",
    "é ",
    "😡",
)


def pumps(piece: str) -> Iterator[str]:
    """A long run of a piece: alone, before what fits nothing, and behind it."""
    run = (piece * LENGTH)[:LENGTH]
    yield from (run, run + "\x01", "\x01" + run)


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern that stands in a module of ours, with its name."""
    for module in _modules():
        for name, value in vars(module).items():
            for found in value if isinstance(value, tuple | list | frozenset) else (value,):
                if isinstance(found, re.Pattern) and isinstance(found.pattern, str):
                    yield f"{module.__name__}.{name}", found


def _modules() -> Iterator[ModuleType]:
    for package in (dialogs, providers, gateway, store):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__") and ".migrations" not in found.name:
                yield importlib.import_module(found.name)


def pieces(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """The common pieces, and what the pattern itself names: its own letters are what it backs off over."""
    own = dict.fromkeys(re.findall(r"[A-Za-z0-9]{1,8}|[^\sA-Za-z0-9\\]", pattern.pattern))
    return (*_PIECES, *list(own)[:20])


def worst(pattern: re.Pattern[str]) -> float:
    """The most seconds of the processor that one look for ``pattern`` takes, of all pumps and ways to look."""
    looks = (pattern.search, pattern.match, pattern.fullmatch, lambda text: sum(1 for _ in pattern.finditer(text)))
    return max(_took(look, text) for piece in pieces(pattern) for text in pumps(piece) for look in looks)


def readings() -> Iterator[tuple[str, Callable[[str], object]]]:
    """Every way in which a text is understood."""
    city = load(HOME / "config.yaml", {}).city
    of_a_city: tuple[Callable[[str, City], object], ...] = (
        *(keywords.command, keywords.parts, answers.verdict, categories.guess, places.find, intents.guess),
        *(safety.confidential, elsewhere.tells_nothing, elsewhere.is_advertising),
    )
    for what in of_a_city:
        yield f"{what.__module__}.{what.__name__}", partial(_in, what, city)
    for plain in (safety.harm, safety.emergency, codes.find, codes.near, codes.beside, kinds.guess, numbers.rating):
        yield f"{plain.__module__}.{plain.__name__}", plain


def _in(what: Callable[[str, City], object], city: City, text: str) -> object:
    return what(text, city)


def _took(look: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    look(text)
    return time.process_time() - begun


def main() -> int:
    """Print the slowest ten of both; 1 if any takes longer than its bound."""
    found = [(worst(pattern), name) for name, pattern in patterns()]
    for name, read in readings():
        found.append((max(_took(read, text) for piece in _PIECES for text in pumps(piece)), name))
    found.sort(reverse=True)
    print(f"{len(found)} patterns and readings of {LENGTH} characters; the slowest, in ms:")
    for seconds, name in found[:10]:
        print(f"  {seconds * 1000:7.1f}  {name}")
    return 1 if found[0][0] > BOUND else 0


if __name__ == "__main__":
    sys.exit(main())
