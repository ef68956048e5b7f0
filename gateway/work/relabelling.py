"""Relabels a case: staff put right what it is about, and where. What was first understood stays in its history.

Rule 1: the category decides the unit; the date that a resident was told does not change with it, because it was told.
Rule 2: whether a case is confidential never changes here. Of a confidential one only its own unit knows, so no category
may bring it to another, but for those who work such cases.
"""

from dataclasses import dataclass
from datetime import datetime

from dialogs import safety
from gateway.effects import House
from gateway.work import naming
from gateway.work.casework import Done, NotPossible, change, held
from store import Tx, labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a case is really about, and where, as somebody writes it. ``place`` is None where it stays."""

    category: str
    place: str | None = None


def relabel(tx: Tx, house: House, now: datetime, actor: str, code: str, *, to: Labels) -> Done:
    """Put right what the case is about. Nobody is told: an SMS that nobody asked for names no category."""
    city, case = house.config.city, held(tx, code)
    category = naming.category(city, to.category)
    unit = case.unit if category == case.category else city.categories[category].unit
    if case.confidential and unit != case.unit and category != safety.CATEGORY:
        raise NotPossible("this case is confidential: another unit would see it")
    place = case.place if to.place is None else naming.place(city, to.place)
    wanted: dict[str, str | None] = {"category": category, "unit": unit, "place": place}
    data = labels.differing(case, wanted)
    if data is None:
        return Done(case=case, changed=False)
    return change(tx, now, actor, case, "relabelled", data, **wanted)
