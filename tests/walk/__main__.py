"""``make walk``: walk everything in every language offered, and say how much it was, how long it took, what is broken.

Each language is walked by a process of its own.
"""

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor

from dialogs.book import BOOK
from gateway.city import with_a_project
from gateway.config import HOME, load
from tests.walk.walking import walk


def walked(language: str) -> tuple[str, str, Mapping[str, str]]:
    """The language, how much it was, and what is broken with the way that leads there."""
    found = walk(BOOK, with_a_project(load(HOME / "config.yaml", {}).city), language)
    return language, found.size(), found.broken


def main() -> int:
    """Walk; 1 if anything is broken."""
    begun = time.monotonic()  # noqa: TID251  how long it truly took
    wrong = 0
    with ProcessPoolExecutor() as pool:
        for language, size, broken in pool.map(walked, load(HOME / "config.yaml", {}).city.languages):
            wrong += len(broken)
            print(f"{language}: {size}", flush=True)
            for what, way in broken.items():
                print(f"  {what}\n    {way}")
    print(f"in {time.monotonic() - begun:.0f} s")  # noqa: TID251  the same
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
