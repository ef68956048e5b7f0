"""The book in the browser: each dialog drawn with the words it says in every language, and the life of a case.

Rule 1: drawn from the dialogs and templates that run, so it shows what a resident gets, and needs no care.
Rule 2: nobody's number, case or text is read for it. Values in the words are examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from dialogs import engine
from dialogs.book import BOOK
from dialogs.cases import TRANSITIONS
from dialogs.effects import LabelKind, Option, Say
from dialogs.messages import ChannelKind
from dialogs.nodes import Dialog
from gateway.config import WORDS, Config
from gateway.outbound import segments
from gateway.outbound.render import Renderer, RenderFailed
from gateway.pictures import graphs, svg
from gateway.pictures.graphs import Captions, Graph, Shape
from gateway.pictures.layout import labels
from gateway.web.parts import WebParts
from gateway.wording import said

#: What each dialog is for, as staff call it. One that is not here is shown by its own name.
TITLES: Mapping[str, str] = {
    "report": "Un reclamo nuevo",
    "status": "Cómo va un caso",
    "confirm": "¿De verdad está resuelto?",
    "menu": "El menú",
    "help": "La ayuda",
    "language": "El idioma",
    "stop": "No más avisos",
    "start": "Avisos otra vez",
    "notices": "Los avisos del barrio",
    "cancel": "Cancelar",
    "handover": "A una persona, porque no entendimos",
    "person": "A una persona, porque la pidió",
    "callback": "Que le llamen",
    "appeal": "Apelar ante otra unidad",
    "proposal": "Proponer algo",
    "correct": "Corregir lo que entendimos",
    "support": "Apoyar el caso de un vecino",
    "mute": "No más avisos de un caso",
    "unmute": "Avisos de un caso otra vez",
    "erase": "Borrar mis datos",
    "keep": "No borrar mis datos",
    "reply": "Lo que responden a un aviso",
    "anonymous": "Caso anónimo",
    "behalf": "Un caso contado por otra persona",
    "note": "Añadir algo a un caso",
    "safety": "Violencia y peligro",
    "enough": "Ya abrió muchos casos hoy",
    "project": "Qué obras hay",
}
#: What each shape does, as short as it stands in a box.
NOTES: Mapping[Shape, str] = {
    Shape.ASK: "pregunta",
    Shape.CHOOSE: "ofrece números",
    Shape.DO: "hace",
    Shape.FORK: "decide",
    Shape.END: "dice y termina",
    Shape.DOOR: "pasa a",
}
_SPEAKS = frozenset({Shape.ASK, Shape.CHOOSE, Shape.END})
_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a step says in one language by SMS, with what it takes; ``text`` is None where it cannot be said."""

    language: str
    name: str
    text: str | None
    segments: int
    letters: int


class Pages:
    """The list of dialogs and a page each. What they show cannot change while the service runs, so it is kept."""

    def __init__(self, config: Config) -> None:
        """``config`` says which languages are offered, and which city's words are shown."""
        self._city = config.city
        self._renderer = Renderer(config.city, WORDS, config.service.name)
        self._says = lru_cache(maxsize=None)(self._sayings)
        self._kept = lru_cache(maxsize=None)(self._shown)

    def routes(self) -> list[web.RouteDef]:
        """Mount the pages."""
        return [web.get("/dialogs", self.index), web.get("/dialogs/{name}", self.dialog)]

    async def index(self, request: web.Request) -> web.Response:
        """Name the dialogs, and draw the life of a case."""
        dialogs = [{"name": name, "title": _called(name)} for name in BOOK.dialogs]
        life = graphs.of_case(TRANSITIONS, "La vida de un caso", label=self._status, among="entre ellos:")
        context = {"dialogs": dialogs, "life": svg.within(life), "moves": self._moves()}
        return aiohttp_jinja2.render_template("book/list.html.j2", request, context)

    async def dialog(self, request: web.Request) -> web.Response:
        """Draw one dialog with its words in ``?lang=``, and list its steps with their words in every language."""
        name = request.match_info["name"]
        language = request.query.get("lang", self._city.languages[0])
        if name not in BOOK.dialogs or language not in self._city.languages:
            raise web.HTTPNotFound
        return aiohttp_jinja2.render_template("book/dialog.html.j2", request, self._kept(name, language))

    def _shown(self, name: str, language: str) -> Mapping[str, Any]:
        dialog = BOOK.dialogs[name]
        graph = self._graph(dialog, language)
        hours = int(dialog.timeout.total_seconds() // 3600)
        return {
            "name": name,
            "title": _called(name),
            "dialog": dialog,
            "wait": f"{hours // _DAY} días" if hours > _DAY else f"{hours} hora{'s' * (hours > 1)}",
            "language": language,
            "languages": {one: self._city.words[one].name for one in self._city.languages},
            "picture": svg.within(graph),
            "steps": [self._step(dialog, graph, step) for step in dialog.steps],
        }

    def _step(self, dialog: Dialog, graph: Graph, step: str) -> Mapping[str, Any]:
        boxes = {one.name: one for one in graph.boxes}
        speaks = boxes[step].shape in _SPEAKS
        return {
            "name": step,
            "note": boxes[step].note,
            "words": [self._words(f"{dialog.name}/{step}", one) for one in self._city.languages] if speaks else [],
            "ways": [
                {"box": boxes[arrow.target], "labels": ", ".join(labels(arrow))}
                for arrow in graph.arrows
                if arrow.source == step
            ],
        }

    def _graph(self, dialog: Dialog, language: str) -> Graph:
        captions = Captions(
            notes=NOTES,
            lines=lambda step: self._lines(f"{dialog.name}/{step}", language),
            label=partial(self._label, language=language),
            called=_called,
            link=lambda step: f"#paso-{step}",
            door=lambda other: f"/dialogs/{other}?lang={language}",
        )
        return graphs.of_dialog(BOOK, dialog, captions)

    def _lines(self, template: str, language: str) -> Sequence[str]:
        """The words for a box, before accents are folded away: it is a person who reads them there."""
        if (say := self._says(language).get(template)) is None:
            return ()
        try:
            return self._renderer.written(say, language).splitlines()
        except RenderFailed:
            return ()

    def _words(self, template: str, language: str) -> Words:
        name, say = self._city.words[language].name, self._says(language)[template]
        try:
            text = self._renderer.text(say, language, ChannelKind.SMS)
        except RenderFailed:
            return Words(language=language, name=name, text=None, segments=0, letters=0)
        return Words(language=language, name=name, text=text, segments=segments.count(text), letters=len(text))

    def _sayings(self, language: str) -> Mapping[str, Say]:
        """What every template is said with, as an example."""
        return {
            one.template: Say(template=one.template, params=one.gives, options=engine.page(one.options, 0, one.page))
            for one in said.everything(BOOK, self._city, language)
        }

    def _label(self, value: str, language: str) -> str:
        """An option's words; the name of an exit that has none."""
        if value not in self._city.words[language].options:
            return value
        return self._renderer.label(Option(key="", value=value, label=LabelKind.WORD, ref=value), language)

    def _status(self, status: str) -> str:
        return self._label(f"status_{status}", self._city.languages[0])

    def _moves(self) -> Sequence[tuple[str, str]]:
        """The table behind the picture: what may become what, grouped where the answer is the same."""
        groups: dict[str, list[str]] = {}
        for status, ways in TRANSITIONS.items():
            becomes = ", ".join(self._status(one) for one in TRANSITIONS if one in ways)
            groups.setdefault(becomes, []).append(self._status(status))
        return [(", ".join(statuses), becomes) for becomes, statuses in groups.items()]


def _called(name: str) -> str:
    return TITLES.get(name, name)


def make(parts: WebParts) -> Pages:
    """Make the pages of a service."""
    return Pages(parts.config)
