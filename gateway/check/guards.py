"""Watches the functions of a dialog while it is played: what they give must fit what the dialog declares.

A guarded book is the same book whose every function is asked through a guard; a guard that finds a fault raises
``Broken`` with the step that is to blame, wherever the engine then stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn, get_args

from dialogs import graph
from dialogs.city import City
from dialogs.effects import Effect, OpenCase, Option, Say
from dialogs.engine import BACK, MORE
from dialogs.facts import Need
from dialogs.messages import SessionEvent
from dialogs.nodes import Ask, Book, Choose, Do, End, Fork, Node, Start
from gateway.findings import Finding, Level

#: What ``gateway.effects`` performs; the type checker proves that it does every one.
PERFORMED: tuple[type, ...] = get_args(Effect)
_ANSWERS = (str, int, bool, type(None))
_PARAMS = (*_ANSWERS, float, datetime)


class Broken(Exception):
    """A dialog does what it does not declare, or cannot be gone on with."""

    def __init__(self, where: str, what: str, mend: str) -> None:
        super().__init__(what)
        self.finding = Finding(level=Level.ERROR, where=where, what=what, mend=mend)


def guarded(book: Book, city: City, seen: set[str]) -> Book:
    """Give the same book with a guard before every function; ``seen`` gathers the steps whose functions were asked."""
    templates = set(graph.templates(book))
    dialogs = {
        name: replace(
            dialog,
            worth=_watched(name, dialog.worth),
            steps={
                step: _guarded(_Guard(where=f"{name}/{step}", city=city, templates=templates, seen=seen), node)
                for step, node in dialog.steps.items()
            },
        )
        for name, dialog in book.dialogs.items()
    }
    return replace(book, dialogs=dialogs, route=_routed(book))


def _watched(where: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def ask(*given: Any) -> Any:
        try:
            return function(*given)
        except Broken:
            raise
        except Exception as error:
            what = f"fails with {type(error).__name__}: {error}"
            raise Broken(where, what, "play it with barrio chat, and mend the function that this step names") from error

    return ask


def _routed(book: Book) -> Callable[..., Any]:
    ask = _watched("the router", book.route)

    def route(facts: Any, text: str, event: SessionEvent) -> Any:
        decision = ask(facts, text, event)
        if isinstance(decision, Start) and book.entries:
            entry = f"{decision.dialog}:{decision.step or ''}"
            if entry not in book.entries:
                mend = "name it among the entries of the book"
                raise Broken("the router", f"begins at {entry}, where the book declares no entry", mend)
        return decision

    return route


def _guarded(guard: "_Guard", node: Node) -> Node:
    match node:
        case Ask():
            parse = guard.checks(node.parse, guard.answers)
            return replace(node, parse=parse, known=guard.known(node), params=guard.checks(node.params, guard.params))
        case Choose():
            options = guard.checks(node.options, lambda given: guard.options(node, given))
            understand = node.understand and guard.checks(node.understand, guard.anything)
            params = guard.checks(node.params, guard.params)
            return replace(node, options=options, known=guard.known(node), params=params, understand=understand)
        case Do():
            return replace(node, effects=guard.checks(node.effects, guard.effects))
        case Fork():
            pick = guard.checks(node.pick, lambda picked: guard.picked(node, picked))
            return replace(node, pick=pick, keep=guard.checks(node.keep, guard.answers))
        case End():
            return replace(node, params=guard.checks(node.params, guard.params))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guard:
    """The guard of one step."""

    where: str
    city: City
    templates: set[str]
    seen: set[str]

    def checks(self, function: Callable[..., Any], check: Callable[[Any], None]) -> Callable[..., Any]:
        """Ask ``function``, and check what it gives."""
        ask = _watched(self.where, function)

        def guard(*given: Any) -> Any:
            self.seen.add(self.where)
            result = ask(*given)
            check(result)
            return result

        return guard

    def known(self, node: Ask | Choose) -> Callable[..., Any]:
        """Leave ``nothing_known`` as it is: by it a question is known as one that always asks."""
        return node.known if graph.always_asks(node) else self.checks(node.known, self.answers)

    def anything(self, _given: object) -> None:
        """Accept it: the engine takes what is no option for a miss."""

    def answers(self, given: Mapping[str, object] | None) -> None:
        """Answers are kept as JSON."""
        for name, value in (given or {}).items():
            if not isinstance(value, _ANSWERS):
                what = f"keeps {name} as {type(value).__name__}, which a session cannot hold"
                self._broken(what, "keep text, a whole number, true or false")

    def params(self, given: Mapping[str, object]) -> None:
        """A template gets what it can say."""
        for name, value in given.items():
            if not isinstance(value, _PARAMS):
                what = f"gives its template {name} as {type(value).__name__}, which cannot be said"
                self._broken(what, "give text, a number or a moment")

    def options(self, node: Choose, given: Sequence[Option]) -> None:
        """Options are there, differ, and each leads somewhere."""
        if not given:
            self._broken("offers nothing", "do not lead here where there is nothing to choose")
        values = [option.value for option in given]
        if twice := next((value for value in values if values.count(value) > 1), None):
            self._broken(f"offers {twice} twice", "give every option a value of its own")
        if keys := {MORE, BACK}.intersection(values):
            self._broken(f"offers {keys.pop()}, by which pages are turned", "give the option another value")
        for value in () if isinstance(node.next, str) else values:
            if value not in node.next:
                self._broken(f"offers {value}, which leads nowhere", "name a target for it in next")

    def effects(self, given: Sequence[object]) -> None:
        """What is asked for can be done."""
        for effect in given:
            if not isinstance(effect, PERFORMED):
                what = f"asks for {type(effect).__name__}, which nobody performs"
                self._broken(what, "add it to Effect in dialogs/effects.py and perform it in gateway/effects.py")
            if isinstance(effect, OpenCase) and effect.category not in self.city.categories:
                what = f'files under "{effect.category}", which the city does not have'
                self._broken(what, "add it to categories.yaml")
            if isinstance(effect, Say) and effect.template not in self.templates:
                self._broken(f"says {effect.template}, which no step is called", "say the template of a step")

    def picked(self, node: Fork, picked: object) -> None:
        """An exit is one of those declared."""
        if not isinstance(picked, Need) and picked not in node.exits:
            exits = ", ".join(node.exits) or "none"
            self._broken(f"picks {picked}, and its exits are: {exits}", "declare the exit, or do not pick it")

    def _broken(self, what: str, mend: str) -> NoReturn:
        raise Broken(self.where, what, mend)
