"""Reads YAML that people wrote by hand, and says in one line what is wrong with it.

Rule 1: a wrong line is an error that names file, key and problem, never a guess: a key written twice, an unknown key,
an alias, a value of another type.

Rule 2: no value is repeated in an error unless it cannot be a secret.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

#: A hand-written file is far smaller; more is a wrong file, and would only fill memory.
MOST_BYTES = 4 * 1024 * 1024

Model = TypeVar("Model", bound=BaseModel)


class ConfigError(Exception):
    """Something that people wrote is wrong. ``str()`` is one line: ``file: key: problem``; key may be empty."""

    def __init__(self, file: Path | str, key: str, problem: str) -> None:
        self.file = str(file)
        self.key = key
        self.problem = problem
        super().__init__(": ".join(part for part in (self.file, key, problem) if part))


class Strict(BaseModel):
    """The base of every model of a hand-written file: frozen, closed, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain values only: in YAML 1.1 ``NO`` is false and ``20:00`` is 1200, which nobody means."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the parent's shape; empty, so that its resolvers are gone

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="write the value out, without *", problem_mark=mark)
        return super().compose_node(parent, index)


_DIGITS = "0123456789"
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]*)$"), ["-", *_DIGITS])
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]+$"), ["-", *_DIGITS])


def read(file: Path) -> dict[str, Any]:
    """Read a YAML file whose top is a group of keys. A byte-order mark and Windows line ends are welcome."""
    loader = _Loader(text(file))
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise ConfigError(file, _line(error.problem_mark), f"is not YAML: {error.problem}") from None
    if not isinstance(node, MappingNode):
        raise ConfigError(file, "", "is empty or not a group of keys")
    return dict(_items(loader, node, file, ""))


def text(file: Path) -> str:
    """Give the file's text, or a ``ConfigError`` that says why there is none."""
    try:
        if file.is_dir():
            raise ConfigError(file, "", "is a folder, not a file")
        with file.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(file, "", "does not exist") from None
    except OSError as error:
        raise ConfigError(file, "", f"cannot be read ({error.strerror})") from None
    if len(raw) > MOST_BYTES:
        raise ConfigError(file, "", "is too large to have been written by hand")
    try:
        written = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(file, f"line {line}", "is not UTF-8 text: save the file as UTF-8") from None
    if bad := yaml.reader.Reader.NON_PRINTABLE.search(written):
        line = written[: bad.start()].count("\n") + 1
        raise ConfigError(file, f"line {line}", "holds a character that text does not have")
    return written


def validate(model: type[Model], value: Any, file: Path, key: str = "") -> Model:
    """Make a model of what was read; its first fault becomes a ``ConfigError``. ``key`` is where the value lies."""
    try:
        return model.model_validate(value)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        at = ".".join([*filter(None, [key]), *(str(part) for part in first["loc"])])
        raise ConfigError(file, at, _problem(model, first)) from None


def _items(loader: _Loader, node: MappingNode, file: Path, key: str) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for name_node, value_node in node.value:
        if not isinstance(name_node, ScalarNode):
            raise ConfigError(file, key or _line(name_node.start_mark), "has a key that is not a word")
        name = str(name_node.value)
        at = f"{key}.{name}" if key else name
        if name in seen:
            raise ConfigError(file, at, f"is written twice (again on {_line(name_node.start_mark)})")
        seen.add(name)
        yield name, _value(loader, value_node, file, at)


def _value(loader: _Loader, node: Node, file: Path, key: str) -> Any:
    if isinstance(node, MappingNode):
        return dict(_items(loader, node, file, key))
    if isinstance(node, SequenceNode):
        return tuple(_value(loader, item, file, f"{key}.{at}") for at, item in enumerate(node.value))
    if node.tag in {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")}:
        try:
            return loader.construct_object(node)
        except (ValueError, yaml.YAMLError):
            raise ConfigError(file, key, "has a value that its tag does not fit") from None
    raise ConfigError(file, key, "has a tag (!…), which has no place here")


def _line(mark: yaml.Mark | None) -> str:
    return f"line {mark.line + 1}" if mark else ""


_MUST_BE = {
    "missing": "is missing",
    "string_type": "must be text: put it in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list: [one, two]",
    "dict_type": "must be a group of keys",
    "model_type": "must be a group of keys",
}


def _problem(model: type[BaseModel], error: ErrorDetails) -> str:
    kind, name = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, _names(model), n=1)
        return f"is not a key that we know; did you mean {near[0]}?" if near else "is not a key that we know"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    said = _MUST_BE.get(kind, error["msg"])
    return said[0].lower() + said[1:]


def _names(model: type[BaseModel]) -> set[str]:
    """Every key of a model and of the models inside it, as people write them."""
    found: set[str] = set()
    waiting = [model]
    while waiting:
        for name, field in waiting.pop().model_fields.items():
            found.add(field.alias or name)
            waiting += [part for part in (field.annotation, *_inside(field.annotation)) if _is_model(part)]
    return found


def _inside(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", ())


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)
