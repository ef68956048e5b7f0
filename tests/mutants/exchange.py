"""Puts a mutant into a program that runs already, where that can be done: what cannot is imported instead.

A function gets other code, wherever it lives: under a wrapper, as a method, in a closure. A table is made again, with
all that the module makes after it, and goes to every module that took it over by its name.
"""

import ast
import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from tests.mutants.mutations import Source, names_a_type

_Key = tuple[str, str, int]
_Change = tuple[str, object, object]


class Functions:
    """Every function that lives and comes from these files."""

    def __init__(self, files: set[str]) -> None:
        self._found: dict[_Key, list[FunctionType]] = {}
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename in files:
                self._found.setdefault(_key(thing.__code__), []).append(thing)

    def of(self, code: CodeType) -> Sequence[FunctionType]:
        """Those that were made at the same place as this code."""
        return self._found.get(_key(code), ())


def exchange_code(functions: Functions, module: CodeType) -> bool:
    """Give every function that lives the code that it has in ``module``; False if that cannot be or changes nothing."""
    changed = False
    for code in _codes(module):
        for function in functions.of(code):
            if function.__code__ == code:
                continue
            if function.__code__.co_freevars != code.co_freevars:
                return False
            function.__code__ = code
            changed = True
    return changed


class Tables:
    """The modules that live and come from the tree that is judged: those of the sources, and all that took from them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        here = str(Path.cwd())
        # Not sys.modules: there a conftest.py hides the others of its name.
        modules = [thing for thing in gc.get_objects() if isinstance(thing, ModuleType)]
        self._loaded = [module for module in modules if (vars(module).get("__file__") or "").startswith(here)]
        self._ours = {name: one.tree.body for one in sources if (name := _name(one)) in sys.modules}

    def exchange(self, source: Source, number: int | None) -> bool:
        """Make the tables of a module anew, from the mutant's on; False if it does not stand in a table.

        With None for a number they are made anew as they are, to see that tests do not mind.
        """
        first = 1 if number is None else source.mutants[number].first
        with nullcontext(source.tree) if number is None else source.planted(number) as tree:
            rest = [node for node in tree.body if (node.end_lineno or 0) >= first]
            if _name(source) not in self._ours or not (number is None or _is_table(rest[0])):
                return False
            waiting: dict[str, Sequence[ast.stmt]] = {_name(source): rest}
            done: set[str] = set()
            while waiting:
                name, statements = waiting.popitem()
                done.add(name)
                changes = _made_again(sys.modules[name], statements)
                took = {other.__name__ for other in self._loaded if _takes(other, changes)}
                waiting.update({other: self._ours[other] for other in took & self._ours.keys() - done})
        return True


def _takes(module: ModuleType, changes: Sequence[_Change]) -> bool:
    """Take over the new for the old that stands under the same name; False if there is none."""
    took = False
    for name, old, new in changes:
        if vars(module).get(name, new) is old:
            setattr(module, name, new)
            took = True
    return took


def _made_again(module: ModuleType, statements: Sequence[ast.stmt]) -> list[_Change]:
    before = dict(vars(module))
    for node in filter(_is_table, statements):
        exec(compile(ast.Module(body=[node], type_ignores=[]), module.__file__ or "", "exec"), vars(module))  # noqa: S102
    return [(name, old, vars(module)[name]) for name, old in before.items() if vars(module)[name] is not old]


def _is_table(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and not names_a_type(node)


def _name(source: Source) -> str:
    return source.path.removesuffix(".py").replace("/", ".")


def _key(code: CodeType) -> _Key:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
