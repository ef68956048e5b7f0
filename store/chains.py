"""Hash chains: each row's hash covers the row and the hash before it, so that a change in the middle shows.

    hash(n) = SHA-256( hash(n-1) as 64 hexadecimal digits + canonical JSON of row n )        hash(0) = 64 zeros

Canonical JSON: keys sorted, no spaces, ASCII with escapes, times as integers (microseconds since 1970, UTC). Anyone
with the rows and these five lines can check a chain without this program. It proves that nobody changed the past
*after* somebody else wrote down a later hash; hence the daily digest, to be kept elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from store.columns import microseconds

START = "0" * 64

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def link(before: str, at: datetime, row: Mapping[str, Any]) -> str:
    """The hash of a row that follows the hash ``before``. The row's values are JSON's own."""
    text = _CANONICAL.encode({**row, "at": microseconds(at)})
    return hashlib.sha256((before + text).encode("ascii")).hexdigest()
