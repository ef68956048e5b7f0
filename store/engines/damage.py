"""Whether a SQLite file is whole, as far as that can be seen in a moment.

Rule: whoever is about to promise that messages are on disk looks first, but not for long. A gigabyte is read in a few
seconds; on a larger store the rest is ``barrio doctor``'s to read, and damage met later ends the process
(``StoreUnavailable.lasting``).
"""

import sqlite3
from pathlib import Path
from threading import Event, Timer

#: What a start may take for this; less than half of the five seconds in which a killed service must be ready again.
SECONDS = 2.0


def damage(path: Path, seconds: float = SECONDS) -> str | None:
    """Name what is damaged in the file, a table where that is known; None if nothing was found in time.

    Looks at the tables one by one, so that a store that is too large for the time is looked at in part.
    """
    try:
        reader = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    except sqlite3.Error:
        return None  # not to be opened is another trouble, and others speak of it
    over = Event()

    def end() -> None:
        over.set()
        reader.interrupt()

    timer = Timer(seconds, end)
    timer.start()
    try:
        return _search(reader, over)
    finally:
        timer.cancel()
        timer.join()
        reader.close()


def _search(reader: sqlite3.Connection, over: Event) -> str | None:
    table = "the file"
    try:
        for (table,) in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if over.is_set():  # between two questions there is nothing to interrupt
                return None
            if reader.execute(f'PRAGMA quick_check("{table}")').fetchone() != ("ok",):
                return str(table)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return str(table)
    return None
