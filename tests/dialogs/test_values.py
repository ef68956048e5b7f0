from collections.abc import Mapping
from copy import copy
from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Generic, TypeVar

import pytest

from dialogs.values import quickly_made

Held = TypeVar("Held")


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    left: int
    right: str = "r"
    more: Mapping[str, int] = field(default_factory=dict)


def test_it_is_made_from_its_fields_and_their_defaults() -> None:
    pair = Pair(left=1)
    assert (pair.left, pair.right, pair.more) == (1, "r", {})
    assert type(pair) is Pair
    assert isinstance(pair, Pair)
    assert repr(pair) == "Pair(left=1, right='r', more={})"


def test_each_gets_a_default_of_its_own() -> None:
    assert Pair(left=1).more is not Pair(left=1).more


def test_it_is_frozen() -> None:
    pair = Pair(left=1)
    with pytest.raises(FrozenInstanceError):
        pair.left = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del pair.right
    assert pair.left == 1


def test_it_compares_hashes_copies_and_is_replaced_as_before() -> None:
    pair = Pair(left=1, more={"a": 1})
    assert replace(pair, left=2) == Pair(left=2, more={"a": 1})
    assert copy(pair) == pair
    assert pair != Pair(left=1)

    @quickly_made
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Key:
        name: str

    assert len({Key(name="a"), Key(name="a"), Key(name="b")}) == 2
    match pair:
        case Pair(left=1, right=right):
            assert right == "r"


def test_what_is_not_asked_for_is_told_by_name() -> None:
    with pytest.raises(TypeError, match=r"Pair.__init__\(\) missing 1 required keyword-only argument: 'left'"):
        Pair()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'middle'"):
        Pair(left=1, middle=2)  # type: ignore[call-arg]


def test_another_shape_is_refused() -> None:
    with pytest.raises(TypeError, match="Loose is no frozen"):

        @quickly_made
        @dataclass(frozen=True)
        class Loose:
            left: int

    with pytest.raises(TypeError, match="Child is no frozen"):

        @quickly_made
        @dataclass(frozen=True, slots=True, kw_only=True)
        class Child(Pair):
            other: int

    with pytest.raises(TypeError, match="Box is no frozen"):

        @quickly_made
        @dataclass(frozen=True, slots=True, kw_only=True)
        class Box(Generic[Held]):
            held: Held
