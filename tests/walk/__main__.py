"""``make walk``: walk everything in every language offered, and say how much it was and what is broken."""

import sys

from dialogs.book import BOOK
from gateway.city import with_a_project
from gateway.config import HOME, load
from tests.walk.walking import walk


def main() -> int:
    """Walk; 1 if anything is broken."""
    city = with_a_project(load(HOME / "config.yaml", {}).city)
    wrong = 0
    for language in city.languages:
        walked = walk(BOOK, city, language)
        wrong += len(walked.broken)
        print(f"{language}: {walked.size()}", flush=True)
        for what, way in walked.broken.items():
            print(f"  {what}\n    {way}")
    return 1 if wrong else 0


sys.exit(main())
