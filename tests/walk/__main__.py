"""``make walk``: walk everything in every language offered, and say how much it was, how long it took, what is broken.

Each beginning of each language is walked by a process of its own.
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from dialogs.book import BOOK
from gateway.city import with_a_project
from gateway.config import HOME, load
from tests.walk.walking import Walk, beginnings, walk_from


def walked(language: str, number: int) -> Walk:
    """What was found from one beginning; the states stay here, as they are too many to be sent."""
    found = walk_from(BOOK, with_a_project(load(HOME / "config.yaml", {}).city), beginnings(language)[number])
    return replace(found, states=[], walked=len(found.states))


def main() -> int:
    """Walk; 1 if anything is broken."""
    begun = time.monotonic()  # noqa: TID251  how long it truly took
    wrong = 0
    with ProcessPoolExecutor() as pool:
        parts = {
            language: [pool.submit(walked, language, number) for number in range(len(beginnings(language)))]
            for language in load(HOME / "config.yaml", {}).city.languages
        }
        for language, parted in parts.items():
            found = Walk()
            for part in parted:
                found.add(part.result())
            wrong += len(found.broken)
            print(f"{language}: {found.size()}", flush=True)
            for what, way in found.broken.items():
                print(f"  {what}\n    {way}")
    print(f"in {time.monotonic() - begun:.0f} s")  # noqa: TID251  the same
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
