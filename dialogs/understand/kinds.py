"""What a text brings: a complaint, a request, or an idea. A complaint unless it says otherwise."""

import re

from dialogs.cases import CaseKind
from dialogs.understand.folding import fold

_IDEA = re.compile(
    r"\b(propon\w*|propuesta\w*|plante(?:o|amos|ar)|sug(?:er|ier)\w*|(?:mi|una|tengo) ide\w+|^idea|"
    r"iniciativa|q(?:ue)? tal si|se me ocurre|seria bueno|queremos q(?:ue)? se (?:haga|construya|ponga)\w*)\b"
)
_REQUEST = re.compile(r"\b(solicit\w*|pedimos|quisieramos|necesitamos que)\b")


def guess(text: str) -> CaseKind:
    """The kind of case this text asks for."""
    folded = fold(text)
    if _IDEA.search(folded):
        return CaseKind.PROPOSAL
    return CaseKind.REQUEST if _REQUEST.search(folded) else CaseKind.GRIEVANCE
