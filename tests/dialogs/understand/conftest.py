"""La Paz as it ships, and a city small enough to see through."""

from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from dialogs.city import Category, City, HolidayRules, Place, Words
from gateway.city import load_city

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def la_paz() -> City:
    """The city of the checkout, in every language that has a form."""
    service = SimpleNamespace(timezone=ZoneInfo("America/La_Paz"), country="BO", languages=("es", "en", "ay", "qu"))
    return load_city(ROOT / "city", ROOT / "templates" / "sms", service, ROOT / "config.yaml")


@pytest.fixture(scope="session")
def hamlet() -> City:
    """Two categories, two places, a dozen words."""
    return City(
        timezone=ZoneInfo("America/La_Paz"),
        country="BO",
        languages=("es",),
        categories={
            "agua": Category(
                id="agua", name={"es": "Agua"}, unit="Agua", days=5, words={"agua": 2, "cañeri*": 3, "agua limpia": 4}
            ),
            "luz": Category(
                id="luz", name={"es": "Luz"}, unit="Luz", days=5, words={"luz": 2, "farola": 3, "agua": 1, "la": 1}
            ),
            "mudo": Category(id="mudo", name={"es": "Mudo"}, unit="Nadie", days=5, words={"agua sucia": -3, "nada": 0}),
        },
        macrodistritos={"norte": "Norte"},
        places={
            "agua-bella": Place(id="agua-bella", name="Agua Bella", macrodistrito="norte"),
            "el-tejar": Place(id="el-tejar", name="El Tejar", macrodistrito="norte", aliases=("tejas",)),
        },
        hotlines={},
        holidays=HolidayRules(),
        words={
            "es": Words(
                language="es",
                name="Español",
                reviewed_by="tests",
                commands={
                    "stop": ("alto", "desuscribir", "no .. mensajes"),
                    "start": ("alta", "no quiero .. mensajes"),
                    "help": ("ayuda",),
                    "yes": ("si", "si .."),
                    "no": ("no",),
                    "greeting": ("hola",),
                    "thanks": ("gracias",),
                    "rare": ("raro", "cosa rara .."),
                },
                options={},
            ),
            "xx": Words(language="xx", name="Not offered", reviewed_by="", commands={"stop": ("nunca",)}, options={}),
        },
    )


@pytest.fixture(scope="session")
def void() -> City:
    """A city that says nothing at all."""
    return City(
        timezone=ZoneInfo("UTC"),
        country="BO",
        languages=("es",),
        categories={},
        macrodistritos={},
        places={},
        hotlines={},
        holidays=HolidayRules(),
        words={"es": Words(language="es", name="Español", reviewed_by="tests", commands={}, options={})},
    )
