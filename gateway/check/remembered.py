"""What was proved need not be proved again: a start after a crash is sooner where nothing was changed.

Rule 1: what is remembered is a digest of all that a proof looks at: the program and its libraries, the words, the
city, the config, and the local day, with which holidays and the reviews of hotlines come due.
Rule 2: only what had no error is remembered, and only beside a SQLite file, whose one process is waited for. On
PostgreSQL others serve meanwhile.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from dialogs.calendar import local_day
from gateway.config import HOME, Config

#: The program and its words, as folders of the checkout; and the pins of its libraries.
_PROGRAM = ("dialogs", "gateway", "providers", "store", "templates")
_LIBRARIES = "requirements.txt"


def is_proved(config: Config, now: datetime) -> bool:
    """Whether exactly this was proved before. What cannot be read was not."""
    file = _file(config)
    with suppress(OSError):
        return file is not None and file.read_text(encoding="ascii") == digest(config, now)
    return False


def keep(config: Config, now: datetime) -> None:
    """Remember that nothing is wrong with it. Where that cannot be written, the next start proves it again."""
    file = _file(config)
    with suppress(OSError):
        if file is not None:
            file.write_text(digest(config, now), encoding="ascii")


def digest(config: Config, now: datetime, home: Path = HOME) -> str:
    """One line that is another one as soon as anything that a proof looks at is another."""
    whole = hashlib.sha256(f"{sys.version} {local_day(now, config.service.timezone)}".encode())
    for path in _looked_at(config, home):
        content = path.read_bytes()
        whole.update(f"\n{path} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def _looked_at(config: Config, home: Path) -> Iterator[Path]:
    yield config.path.resolve()
    yield home / _LIBRARIES
    for folder in (config.city_folder, *(home / name for name in _PROGRAM)):
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _file(config: Config) -> Path | None:
    return config.store.file and config.store.file.with_suffix(".proved")
