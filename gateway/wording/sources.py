"""Reads a template as its author wrote it: what it declares, which values it uses, which words it holds."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
from jinja2 import nodes

#: The first line may say how many segments the words may take: ``{# segments: 2 #}``.
_DECLARED = re.compile(r"\A\{#-?\s*segments:\s*([1-9])\s*-?#\}[ \t]*\n?")
_READER = jinja2.Environment(autoescape=False)  # noqa: S701  only reads what will be a text message
_MARK = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A template as it is written.

    ``declared``: how many segments its first line allows, or None. ``words``: all behind that line. ``literal``: the
    parts that are said as they stand. ``values``, ``filters`` and ``hotlines``: what it names; ``spoken``: the values
    that it says and does not only ask about. ``fault``: why it cannot be read, or None; the rest is then empty.
    """

    words: str
    declared: int | None = None
    literal: tuple[str, ...] = ()
    values: frozenset[str] = frozenset()
    spoken: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    hotlines: frozenset[str] = frozenset()
    fault: str | None = None


def read(file: Path) -> Source | None:
    """Read a template; None if there is none. Never raises for what is written in it."""
    if not file.is_file():
        return None
    try:
        return parse(file.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        return Source(words="", fault="it is not UTF-8")


def parse(written: str) -> Source:
    """Read what stands in a template."""
    first = _DECLARED.match(written)
    words = written[first.end() if first else 0 :].removesuffix("\n")
    declared = int(first[1]) if first else None
    try:
        tree = _READER.parse(written)
    except jinja2.TemplateSyntaxError as error:
        return Source(words=words, declared=declared, fault=f"line {error.lineno}: {error.message}")
    return Source(
        words=words,
        declared=declared,
        literal=tuple(one.data for one in tree.find_all(nodes.TemplateData)),
        values=frozenset(_named(tree, "load")) - frozenset(_named(tree, "store")),
        spoken=frozenset(one.name for out in tree.find_all(nodes.Output) for one in out.find_all(nodes.Name)),
        filters=frozenset(one.name for one in tree.find_all(nodes.Filter)),
        hotlines=frozenset(_members(tree, "hotlines")),
    )


def compose(words: str, declared: int | None) -> str:
    """Write a template: what ``parse`` read, as it stands in a file."""
    return f"{{# segments: {declared} #}}\n{words}\n" if declared else f"{words}\n"


def mark(words: str) -> str:
    """A short mark of words, by which it is known whether they changed. White space at the ends does not count."""
    return hashlib.sha256(words.strip().encode()).hexdigest()[:_MARK]


def _named(tree: nodes.Template, how: str) -> Iterator[str]:
    return (one.name for one in tree.find_all(nodes.Name) if one.ctx == how)


def _members(tree: nodes.Template, name: str) -> Iterator[str]:
    for got in tree.find_all(nodes.Getattr):
        if isinstance(got.node, nodes.Name) and got.node.name == name:
            yield got.attr
    for item in tree.find_all(nodes.Getitem):
        if isinstance(item.node, nodes.Name) and item.node.name == name and isinstance(item.arg, nodes.Const):
            yield str(item.arg.value)
