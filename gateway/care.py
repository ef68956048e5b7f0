"""What config.yaml says about looking after the service: its backups, how long words stay, who is told of trouble."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field

from gateway.strict import Strict
from gateway.values import Duration, Price

_Folder = Annotated[str, Field(min_length=1)]
_Number = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$")]


class Backups(Strict):
    """A row of backups of a SQLite store: one each ``every``, the newest ``keep`` of them in ``folder``.

    A relative folder is beside config.yaml, and absolute once loaded. On PostgreSQL, whose own tools make them, only
    ``every`` counts: the watch tells when ``barrio backup --made FILE`` was not heard for twice as long.
    """

    folder: _Folder | None = None
    keep: Annotated[int, Field(ge=1, le=1000)] = 14
    every: Duration = timedelta(days=1)

    def beside(self, file: Path) -> "Backups":
        """The same with its folder made absolute."""
        if self.folder is None:
            return self
        return self.model_copy(update={"folder": str((file.resolve().parent / self.folder).resolve())})


class Retention(Strict):
    """How long words and numbers are kept; what happened is kept for ever. Defaults: reliability item 49.

    ``texts`` and ``sensitive`` count from the last change of a case that is over, ``texts`` of a message without a case
    from the message; ``numbers`` from the last word of somebody who has no case with words left; ``sessions`` are the
    carriers' (our own end by themselves), ``quarantine`` is what nobody could read. ``anonymous``: so long after an
    anonymous case is over the machine still knows whose it was.
    """

    texts: Duration = timedelta(days=730)
    sensitive: Duration = timedelta(days=365)
    numbers: Duration = timedelta(days=730)
    quarantine: Duration = timedelta(days=30)
    sessions: Duration = timedelta(days=1)
    anonymous: Duration = timedelta(days=30)


class Watch(Strict):
    """When a person must look, and which number is told by SMS. Without ``alert_to`` only ``barrio alert`` tells.

    ``silence``: so many waking hours without a message on a line that is used daily. ``credit_below``: in the
    account's own currency. ``disk_below``: megabytes free beside the store. ``wal_above``: megabytes of SQLite's log,
    which is emptied only while nobody reads; by default twice what it keeps after a storm (``journal_size_limit``).
    ``overdue``: so long may a reply or a notice wait that should have gone.
    """

    alert_to: _Number | None = None
    silence: Duration = timedelta(hours=6)
    credit_below: Price = Decimal(10)
    disk_below: Annotated[int, Field(ge=0)] = 1024
    wal_above: Annotated[int, Field(ge=1)] = 128
    overdue: Duration = timedelta(minutes=30)
