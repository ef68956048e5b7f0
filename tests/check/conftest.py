"""What the broken cases share: La Paz as it ships, and the moment at which it is examined."""

from datetime import UTC, datetime

import pytest

from gateway.config import HOME, Config, load


@pytest.fixture(scope="session")
def shipped() -> Config:
    """The config of the checkout, with the city that it names."""
    return load(HOME / "config.yaml", {})


@pytest.fixture(scope="session")
def today() -> datetime:
    """A Monday, ten in the morning in La Paz."""
    return datetime(2026, 3, 2, 14, tzinfo=UTC)
