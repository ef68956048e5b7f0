"""Frozen values that cost no more to make than others.

A frozen dataclass writes each field past its own lock, by a call: two and a half times what a plain one takes. A
message on its way through the house is two hundred such fields, a fifth of all the work there is for it.
"""

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

Value = TypeVar("Value")


def quickly_made(cls: type[Value]) -> type[Value]:
    """Give a frozen, slotted, keyword-only dataclass an ``__init__`` at the speed of a plain one; frozen it stays.

    While it is filled, the new object is of a twin class without the lock: same slots, so Python lets it change over.
    For values of the hot path; others have no use for it. ``TypeError`` for a dataclass of another shape.
    """
    theirs: tuple[Field[Any], ...] = fields(cls)  # type: ignore[arg-type]
    names = tuple(field.name for field in theirs)
    plain = all(field.init and field.kw_only for field in theirs)
    if (
        not plain
        or cls.__bases__ != (object,)
        or cls.__dict__.get("__slots__") != names
        or "__post_init__" in vars(cls)
    ):
        raise TypeError(f"{cls.__name__} is no frozen, slotted, keyword-only dataclass of its own fields alone")
    twin = type(cls.__name__, (), {"__slots__": names})
    known: dict[str, Any] = {"become": object.__dict__["__class__"].__set__, "twin": twin, "cls": cls}
    parameters, body = ["self"], ["become(self, twin)"]
    for field in theirs:
        name = field.name
        parameters += ["*"] if len(parameters) == 1 else []
        if field.default_factory is not MISSING:
            known[f"make_{name}"] = field.default_factory
            parameters.append(f"{name}=become")
            body.append(f"self.{name} = make_{name}() if {name} is become else {name}")
            continue
        if field.default is not MISSING:
            known[f"default_{name}"] = field.default
        parameters.append(name if field.default is MISSING else f"{name}=default_{name}")
        body.append(f"self.{name} = {name}")
    body.append("self.__class__ = cls")
    source = "".join((f"def __init__({', '.join(parameters)}):\n", *(f"    {line}\n" for line in body)))
    made: dict[str, Any] = {}
    exec(source, known, made)  # noqa: S102  names of fields, as dataclasses itself does it
    made["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    cls.__init__ = made["__init__"]  # type: ignore[method-assign]
    return cls
