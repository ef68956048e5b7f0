"""What can go wrong at one place of a program: each operator gives nodes to stand in the place of one.

They are few and plain, chosen so that a mutant is seldom the same program in other words: a comparison that is off by
one or turned round, a condition left out or denied, a constant changed, an element of a table or an argument left out,
a statement that does nothing, a call for its opposite.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

#: What stands there instead, and what that changes in the words of the source.
Change = tuple[ast.AST, str]

_OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
#: Its other says the opposite, so that denying the whole would be the same mutant twice.
_OPPOSITE = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_SWAPPED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list",
    "startswith": "endswith", "endswith": "startswith", "partition": "rpartition", "rpartition": "partition",
    "issubset": "issuperset", "issuperset": "issubset", "isdisjoint": "issubset",
}  # fmt: skip
#: Without these a text stays as it was.
_MENDS = frozenset({"lower", "upper", "casefold", "strip", "lstrip", "rstrip", "split"})
_MUCH = 60


def statements(node: ast.stmt) -> Iterator[Change]:
    """The same for a whole statement: mostly, that it does nothing."""
    short = _short(node)
    if isinstance(node, ast.Expr | ast.Raise | ast.Continue | ast.Break | ast.Delete) or (
        isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    ):
        yield ast.Pass(), f"{short} → nothing"
    elif isinstance(node, ast.AugAssign):
        yield ast.Pass(), f"{short} → nothing"
        if other := _OTHER.get(type(node.op)):
            yield _like(node, op=other()), f"{short} → the other"
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(value=ast.Constant(value=None)), f"{short} → None"
    elif isinstance(node, ast.For | ast.AsyncFor):
        never = ast.Tuple(elts=[], ctx=ast.Load())
        yield _like(node, iter=never), f"for {_short(node.target)} in {_short(node.iter)} → never"
    elif isinstance(node, ast.While):
        yield _like(node, test=ast.Constant(value=False)), f"while {_short(node.test)} → never"


def expressions(node: ast.AST, parent: ast.AST) -> Iterator[Change]:
    """Each node that may stand in the place of this one, and what that changes."""
    if _is_condition(node, parent):
        yield ast.UnaryOp(op=ast.Not(), operand=cast("ast.expr", node)), f"if {_short(node)} → if not"
    if isinstance(node, ast.Constant):
        yield from _constants(node, parent)
    else:
        for new, says in _OF.get(type(node), _nothing)(node):
            yield new, says or f"{_short(node)} → {_short(new)}"


def _nothing(_node: ast.AST) -> Iterator[Change]:
    yield from ()


def _comprehensions(node: ast.comprehension) -> Iterator[Change]:
    for at, test in enumerate(node.ifs):
        yield _like(node, ifs=_without(node.ifs, at)), f"for {_short(node.target)}, if {_short(test)} → any"


def _comparisons(node: ast.Compare) -> Iterator[Change]:
    for at, op in enumerate(node.ops):
        if other := _OTHER.get(type(op)):
            yield _like(node, ops=[*node.ops[:at], other(), *node.ops[at + 1 :]]), ""


def _conjunctions(node: ast.BoolOp) -> Iterator[Change]:
    for at, value in enumerate(node.values):
        rest = _without(node.values, at)
        yield rest[0] if len(rest) == 1 else _like(node, values=rest), f"{_short(node)} → without {_short(value)}"


def _signs(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield node.operand, ""


def _sums(node: ast.BinOp) -> Iterator[Change]:
    if other := _OTHER.get(type(node.op)):
        yield _like(node, op=other()), ""


def _lists(node: ast.Tuple | ast.List | ast.Set) -> Iterator[Change]:
    if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        for at, one in enumerate(node.elts):
            yield _like(node, elts=_without(node.elts, at)), f"without {_short(one)}"


def _tables(node: ast.Dict) -> Iterator[Change]:
    for at, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
        new = _like(node, keys=_without(node.keys, at), values=_without(node.values, at))
        yield new, f"without {_short(key) if key else '**' + _short(value)}"


def _slices(node: ast.Slice) -> Iterator[Change]:
    for side in ("lower", "upper"):
        bound = getattr(node, side)
        if bound is not None and not isinstance(bound, ast.Constant):
            yield _like(node, **{side: None}), f"[{_short(node)}] → without {_short(bound)}"


def _is_condition(node: ast.AST, parent: ast.AST) -> bool:
    if not isinstance(parent, ast.If | ast.IfExp) or node is not parent.test:
        return False
    if isinstance(node, ast.Compare):
        return not (len(node.ops) == 1 and isinstance(node.ops[0], _OPPOSITE))
    return not isinstance(node, ast.BoolOp | ast.Constant) and not (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def _constants(node: ast.Constant, parent: ast.AST) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(value=not value), f"{value} → {not value}"
    elif isinstance(value, int | float):
        yield ast.Constant(value=value + 1), f"{value} → {value + 1}"
    elif isinstance(value, bytes):
        yield ast.Constant(value=b"XX" + value + b"XX"), f"{_short(node)} → XX"
    elif isinstance(value, str) and "\n" in value.strip():
        lines = value.splitlines(keepends=True)
        for at, line in enumerate(lines):
            if line.strip():
                yield ast.Constant(value="".join(_without(lines, at))), f"without the line {_cut(line.strip())}"
    elif isinstance(value, str) and (value or not isinstance(parent, ast.JoinedStr)):
        yield ast.Constant(value=f"XX{value}XX" if value else "XX"), f"{_short(node)} → XX"


def _calls(node: ast.Call) -> Iterator[Change]:
    short = _short(node)
    for at, keyword in enumerate(node.keywords):
        new = _like(node, keywords=_without(node.keywords, at))
        yield new, f"{_short(node.func)}(…) → without {_short(keyword)}"
    if isinstance(node.func, ast.Name) and (other := _SWAPPED.get(node.func.id)):
        keywords = [] if other == "list" else node.keywords
        yield _like(node, func=ast.Name(id=other, ctx=ast.Load()), keywords=keywords), f"{short} → {other}"
    if isinstance(node.func, ast.Attribute):
        if other := _SWAPPED.get(node.func.attr):
            yield _like(node, func=_like(node.func, attr=other)), f"{short} → {other}"
        if node.func.attr in _MENDS and node.func.attr != "split":
            yield node.func.value, f"{short} → without {node.func.attr}"


def _like(node: ast.AST, **changed: object) -> ast.AST:
    return type(node)(**{**dict(ast.iter_fields(node)), **changed})


def _without(items: Sequence[Any], at: int) -> list[Any]:
    return [*items[:at], *items[at + 1 :]]


def _short(node: ast.AST) -> str:
    if isinstance(node, ast.keyword):
        return f"{node.arg}=" if node.arg else f"**{_short(node.value)}"
    return _cut(" ".join(ast.unparse(ast.fix_missing_locations(node)).split()))


def _cut(text: str) -> str:
    return text if len(text) <= _MUCH else f"{text[: _MUCH - 1]}…"


_OF: Mapping[type[ast.AST], Callable[..., Iterator[Change]]] = {
    ast.comprehension: _comprehensions,
    ast.Compare: _comparisons,
    ast.BoolOp: _conjunctions,
    ast.UnaryOp: _signs,
    ast.BinOp: _sums,
    ast.Tuple: _lists,
    ast.List: _lists,
    ast.Set: _lists,
    ast.Dict: _tables,
    ast.Slice: _slices,
    ast.Call: _calls,
}
