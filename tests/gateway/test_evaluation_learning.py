"""What is learnt from labelled texts, and that it can be kept and read again."""

import json
import re
import shutil
from dataclasses import replace

import pytest

from dialogs.understand import categories
from gateway.city import load_city
from gateway.config import HOME, WORDS
from gateway.evaluation.learning import PRIVATE, keep, learn
from gateway.strict import ConfigError

EXAMPLES = [
    ("nos quedamos secos", "agua"),
    ("secos otra vez en la casa", "agua"),
    ("no se ve donde pisamos", "alumbrado"),
    ("nadie ve donde pisa de noche", "alumbrado"),
    ("algo de marte", "marcianos"),
]


def test_it_learns_what_was_never_listed(gateway_config):
    city = gateway_config.city
    taught = replace(city, learned=learn(EXAMPLES, tuple(city.categories)))
    assert categories.guess("otra vez secos", taught).best == "agua"
    assert categories.guess("de noche no veo donde piso ni pisan", taught).best == "alumbrado"
    assert "marcianos" not in taught.learned.labels


def test_it_learns_the_same_each_time(gateway_config):
    labels = tuple(gateway_config.city.categories)
    assert learn(EXAMPLES, labels) == learn(EXAMPLES, labels)


def test_what_is_kept_is_read_again(gateway_config, tmp_path):
    city = gateway_config.city
    kept = {
        "categories": learn(EXAMPLES, tuple(city.categories)),
        "sensitive": learn([("me pidio plata", "yes"), ("no hay luz", "no")], ("no", "yes")),
    }
    folder = shutil.copytree(HOME / "city", tmp_path / "city")
    keep(kept, folder / "learned.json")
    read = load_city(folder, WORDS, gateway_config.service, tmp_path / "config.yaml")
    assert (read.learned, read.sensitive) == (kept["categories"], kept["sensitive"])


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("{", "learned.json: is not JSON"),
        ("{}", "learned.json: categories: "),
        (
            json.dumps(
                {name: {"bias": {"agua": 0}, "weights": {"sol": {"luz": 1}}} for name in ("categories", "sensitive")}
            ),
            "learned.json: categories.bias.luz: is missing",
        ),
        ('{"categories": {"bias": {"agua": Infinity}}}', "learned.json: categories.bias.agua: "),
        (
            '{"categories": {"bias": {}, "weights": {"sol": {"luz": -2e6}}}}',
            "learned.json: categories.weights.sol.luz: ",
        ),
    ],
)
def test_a_file_that_nobody_learnt_is_refused(gateway_config, tmp_path, written, what):
    folder = shutil.copytree(HOME / "city", tmp_path / "city")
    (folder / "learned.json").write_text(written, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(what)):
        load_city(folder, WORDS, gateway_config.service, tmp_path / "config.yaml")


def test_no_number_is_ever_learnt():
    examples = [("llameme al 70001234 secos", "agua"), ("mi codigo 482105930 oscuro", "luz")]
    signs = learn(examples, ("agua", "luz")).weights
    assert "sekos" in signs
    assert not [sign for sign in signs if any(map(str.isdigit, sign))]


def test_of_residents_own_texts_what_few_say_is_left_out():
    examples = [("juana secos", "agua"), ("rosmeri secos", "agua"), ("secos otra ves", "agua"), ("oscuro", "luz")]
    signs = learn(examples, ("agua", "luz"), seen=PRIVATE).weights
    assert "sekos" in signs
    assert not {"juana", "rosmeri"} & signs.keys()
