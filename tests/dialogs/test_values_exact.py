"""What mutants of the quick values showed to be untested: each shape that is refused, and that the quick way is taken."""

from dataclasses import dataclass, field

import pytest

from dialogs.values import quickly_made


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    one: int


@dataclass(frozen=True, slots=True)
class ByPlace:
    one: int


@dataclass(frozen=True, slots=True)
class PartlyByPlace:
    one: int
    two: int = field(kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    one: int
    two: int = field(init=False, default=2)


@dataclass(frozen=True, kw_only=True)
class WithoutSlots:
    one: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTwice:
    one: int

    def __post_init__(self):
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited(Good):
    pass


def test_the_quick_way_is_taken():
    assert "twin" not in Good.__init__.__code__.co_names
    assert quickly_made(Good) is Good
    assert "twin" in Good.__init__.__code__.co_names
    assert Good.__init__.__qualname__ == "Good.__init__"
    assert Good(one=1).one == 1


@pytest.mark.parametrize(
    "shape", [ByPlace, PartlyByPlace, MadeUp, WithoutSlots, MadeTwice, Inherited], ids=lambda shape: shape.__name__
)
def test_another_shape_is_refused(shape):
    with pytest.raises(
        TypeError, match=f"^{shape.__name__} is no frozen, slotted, keyword-only dataclass of its own fields alone$"
    ):
        quickly_made(shape)
