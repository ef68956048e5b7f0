"""Anonymous: nobody of the staff sees whose a case is; the machine knows it until the case is long over, then nobody.

Rule 1: who asks for it in the middle of a report means that report; who has just had a receipt means that case; anybody
else is about to tell something. With a code it is that case, if it is theirs.
Rule 2: nobody can call about an anonymous case, and a call that is asked for beside one would name its caller: it is
refused, and why is said.
"""

from collections.abc import Sequence

from dialogs import telling
from dialogs.cases import Case
from dialogs.correct import FRESH
from dialogs.effects import Anonymise, Effect
from dialogs.engine import OFFERED, SHOWN
from dialogs.facts import Facts
from dialogs.nodes import Dialog, Do, End, Start
from dialogs.session import Answers, Session
from dialogs.understand import safety

#: The answer's name under which it is kept that a report is to be anonymous, and the rule that decided so.
ANONYMOUS = "anonymous"
#: Said before the question of a report that will be anonymous.
_LEAD = "common/anonymous"
#: What the engine keeps for one question, which is asked anew.
_OF_A_QUESTION = frozenset({OFFERED, SHOWN})


def wished(facts: Facts) -> Start:
    """Where the wish to be anonymous leads, said alone: on with the report, to the newest case, or into a report."""
    session = facts.session
    if session is not None and session.dialog == "report":
        kept = {name: value for name, value in session.answers.items() if name not in _OF_A_QUESTION}
        told: Answers = {**kept, ANONYMOUS: True}
        return Start(dialog="report", rule=ANONYMOUS, answers=told, misses=session.misses, drops=True, lead=_LEAD)
    newest = None if session is not None else _just_told(facts)
    if newest is not None:
        return Start(dialog="anonymous", rule=ANONYMOUS, answers={"code": newest.code})
    return Start(dialog="report", rule=ANONYMOUS, answers={ANONYMOUS: True}, lead=_LEAD)


def of_a_case(facts: Facts, code: str) -> Start:
    """The same with the code of one's own case beside it. What is asked about that case would name it: it ends."""
    ends = facts.session is not None and facts.session.case == code
    return Start(dialog="anonymous", rule=ANONYMOUS, answers={"code": code}, drops=ends)


def _just_told(facts: Facts) -> Case | None:
    return telling.just_told(facts.own_cases, facts.now - FRESH)


def is_half_told(session: Session | None) -> bool:
    """Whether a report waits that will be anonymous."""
    return session is not None and session.dialog == "report" and bool(session.answers.get(ANONYMOUS))


def refused_a_call(facts: Facts, text: str) -> Start | None:
    """The answer to who wants to be called about what is anonymous; None where a call names nobody."""
    newest = _just_told(facts) if facts.session is None else None
    beside = newest is not None and newest.anonymous
    if beside or is_half_told(facts.session) or safety.anonymous(text):
        return no_call("command")
    return None


def no_call(rule: str) -> Start:
    """Say that nobody can call."""
    return Start(dialog="anonymous", rule=rule, step="no_call")


def _hide(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (Anonymise(code=str(answers["code"])),)


ANONYMITY = Dialog(
    name="anonymous",
    start="hide",
    aside=True,
    steps={"hide": Do(effects=_hide, next="done"), "done": End(params=telling.its_code), "no_call": End()},
)
