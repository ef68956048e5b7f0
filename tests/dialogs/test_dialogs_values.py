"""The vocabulary of the house: values that nobody changes, by name only."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import dialogs

MODULES = [
    importlib.import_module(f"dialogs.{module.name}")
    for module in pkgutil.iter_modules(dialogs.__path__)
    if not module.ispkg
]
VALUES = [
    value
    for module in MODULES
    for _, value in inspect.getmembers(module, dataclasses.is_dataclass)
    if value.__module__ == module.__name__
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__qualname__)
def test_a_value_is_frozen_slotted_and_made_by_name(value):
    assert value.__dataclass_params__.frozen
    assert "__slots__" in vars(value)
    assert all(field.kw_only for field in dataclasses.fields(value))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__qualname__)
def test_a_value_says_what_it_is(value):
    assert inspect.getdoc(value)
    assert not inspect.getdoc(value).startswith(f"{value.__name__}(")
