"""The small wrongs that are done to a program, one at a time: each is a mutant, and some test must notice it.

Everything of a module is changed, its tables too: dialogs are data, and a step that nobody misses is a step that
nobody tests. Left alone are annotations, docstrings, decorators, and what only names a type.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import CodeType

from tests.mutants.operators import expressions, statements

#: Not of the expression's own: types, and statements, which come by themselves.
_ELSEWHERE = frozenset({"annotation", "returns", "decorator_list", "body", "orelse", "finalbody", "handlers"})
_OF_TYPES = (ast.BinOp, ast.BitOr, ast.Name, ast.Constant, ast.Load)
_TYPES = frozenset({"TypeVar", "NewType", "ParamSpec", "cast"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One wrong. ``name`` says it in the words of the source, without line numbers, so that it stays when lines move.

    ``first`` to ``last`` are the lines of its statement. ``live``: it is inside a function, whose code can be exchanged
    in a program that runs.
    """

    path: str
    where: str
    says: str
    first: int
    last: int
    live: bool
    nth: int = 1

    @property
    def name(self) -> str:
        again = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.path}::{self.where}::{self.says}{again}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """Where a node hangs: in the field of a parent, or at a place of its list."""

    parent: ast.AST
    field: str
    at: int | None

    def put(self, node: ast.AST) -> None:
        if self.at is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.at] = node


class Source:
    """A module, and all that can go wrong in it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.tree = ast.parse(text, path)
        self._changes: list[tuple[_Site, ast.AST, ast.AST]] = []
        self.mutants: list[Mutant] = []
        self._seen: Counter[tuple[str, str]] = Counter()
        self._body(self.tree, "module", live=False)

    @contextmanager
    def planted(self, number: int) -> Iterator[ast.Module]:
        """The tree with this mutant in it; afterwards it is as it was."""
        site, old, new = self._changes[number]
        site.put(new)
        try:
            yield self.tree
        finally:
            site.put(old)

    def code(self, number: int, filename: str) -> CodeType:
        """The module with this mutant in it, compiled as if it came from ``filename``."""
        with self.planted(number) as tree:
            return compile(tree, filename, "exec", dont_inherit=True)

    def _body(self, node: ast.AST, where: str, *, live: bool) -> None:
        for name in ("body", "orelse", "finalbody"):
            for at, statement in enumerate(getattr(node, name, ())):
                self._statement(_Site(parent=node, field=name, at=at), statement, where, live=live)
        for handler in getattr(node, "handlers", ()):
            self._body(handler, where, live=live)

    def _statement(self, site: _Site, node: ast.stmt, where: str, *, live: bool) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = node.name if where == "module" else f"{where}.{node.name}"
            if isinstance(node, ast.ClassDef):
                self._body(node, inside, live=live)
                return
            head = Mutant(path=self.path, where=inside, says="", first=node.lineno, last=node.lineno, live=False)
            self._expressions(node.args, head)
            self._body(node, inside, live=True)
            return
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node) or names_a_type(node):
            return
        if where == "module":
            where = _named(node) or where
        place = Mutant(path=self.path, where=where, says="", first=node.lineno, last=_last(node), live=live)
        for new, says in statements(node):
            self._add(site, node, new, replace(place, says=says))
        self._expressions(node, place)
        self._body(node, where, live=live)

    def _expressions(self, node: ast.AST, place: Mutant) -> None:
        for field, value in ast.iter_fields(node):
            if field in _ELSEWHERE and not isinstance(node, ast.IfExp | ast.Lambda):
                continue
            children = value if isinstance(value, list) else [value]
            for at, child in enumerate(children):
                if isinstance(child, ast.AST) and not isinstance(child, ast.stmt | ast.expr_context):
                    site = _Site(parent=node, field=field, at=at if isinstance(value, list) else None)
                    listed = isinstance(child, ast.Constant) and _is_listed(node, field)
                    for new, says in () if listed else expressions(child, node):
                        self._add(site, child, new, replace(place, says=says))
                    self._expressions(child, place)

    def _add(self, site: _Site, old: ast.AST, new: ast.AST, mutant: Mutant) -> None:
        ast.copy_location(new, old)
        ast.fix_missing_locations(new)
        key = (mutant.where, mutant.says)
        self._seen[key] += 1
        self._changes.append((site, old, new))
        self.mutants.append(replace(mutant, nth=self._seen[key]))


def _last(node: ast.stmt) -> int:
    """The last line of a statement that is not another statement's: of an if, where its test ends."""
    if not hasattr(node, "body"):
        return node.end_lineno or node.lineno
    head: ast.expr | None = getattr(node, "test", None) or getattr(node, "iter", None)
    return (head.end_lineno if head else None) or node.lineno


def _named(node: ast.stmt) -> str | None:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else None


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def names_a_type(node: ast.stmt) -> bool:
    """A statement that only the type checker reads."""
    value = getattr(node, "value", None)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _TYPES:
        return True
    if isinstance(value, ast.BinOp) and all(isinstance(one, _OF_TYPES) for one in ast.walk(value)):
        return True  # Ask | Choose
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
        return value.value.id[0].isupper() or value.value.id == "tuple"  # Callable[…]
    return _named(node) in {"__slots__", "__all__"}


def _is_listed(node: ast.AST, field: str) -> bool:
    """A word of a list: what it is worth shows when it is left out, so changing it says nothing more."""
    return isinstance(node, ast.Tuple | ast.List | ast.Set) or (isinstance(node, ast.Dict) and field == "keys")
