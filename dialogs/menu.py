"""Menu and help: what a USSD dial shows, what AYUDA says. Who writes free text is never shown a menu first."""

from collections.abc import Sequence
from datetime import timedelta

from dialogs.effects import Option
from dialogs.facts import Facts
from dialogs.nodes import Choose, Dialog, End
from dialogs.session import Answers
from dialogs.verdicts import named

_WAYS = {
    "menu_report": "report:",
    "menu_status": "status:",
    "menu_notices": "notices:",
    "menu_language": "language:",
    "menu_person": "person:",
}


def _ways(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return named(*_WAYS)


MENU = Dialog(
    name="menu",
    start="main",
    timeout=timedelta(hours=1),
    steps={"main": Choose(options=_ways, save="menu", next=_WAYS)},
)

HELP = Dialog(name="help", start="help", aside=True, steps={"help": End()})
