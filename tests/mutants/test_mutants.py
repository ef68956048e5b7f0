"""The judge is sound: it makes the mutants it says, notices what a test notices, and lets go only what is explained."""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.mutants import __main__ as mutants
from tests.mutants.exchange import Functions, Tables, exchange_code
from tests.mutants.forks import NOTICED, UNNOTICED, Planted, in_fork
from tests.mutants.mutations import Source
from tests.mutants.rings import RINGS, Ring

MODULE = '''\
"""A module."""

WORDS = ("agua", "luz")
MOST: int = 3


def few(things: list[int], most: int = 2) -> bool:
    """Whether they are few."""
    if not things:
        return True
    return len(things) <= most and most < MOST


def first(text: str) -> str:
    for word in text.lower().split():
        if word in WORDS:
            return word
    return ""
'''


def says(text: str) -> list[str]:
    return [mutant.name.removeprefix("m.py::") for mutant in Source("m.py", text).mutants]


def test_every_place_of_a_module_goes_wrong_once_in_each_way():
    assert says(MODULE) == [
        "WORDS::without 'agua'",
        "WORDS::without 'luz'",
        "MOST::3 → 4",
        "few::2 → 3",
        "few::not things → things",
        "few::True → False",
        "few::return len(things) <= most and most < MOST → None",
        "few::len(things) <= most and most < MOST → without len(things) <= most",
        "few::len(things) <= most and most < MOST → without most < MOST",
        "few::len(things) <= most → len(things) < most",
        "few::most < MOST → most <= MOST",
        "first::for word in text.lower().split() → never",
        "first::text.lower() → without lower",
        "first::word in WORDS → word not in WORDS",
        "first::return word → None",
        "first::'' → XX",
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("x = {'a': 1, **more}", ["x::without 'a'", "x::without **more", "x::1 → 2"]),
        ("x = f(a, key=b)", ["x::f(…) → without key="]),
        ("x = min(a)\ny = a.startswith(b)", ["x::min(a) → max", "y::a.startswith(b) → endswith"]),
        ("x = [a for a in b if a.c]", ["x::for a, if a.c → any"]),
        ("x = a[b:1]", ["x::[b:1] → without b", "x::1 → 2"]),
        ("x = a if b else c", ["x::if b → if not"]),
        ("x = -a + b", ["x::-a + b → -a - b", "x::-a → a"]),
        ("x = '''\n one\n two\n'''", ["x::without the line one", "x::without the line two"]),
        ("x = b'a'\ny = f'a{b}'", ["x::b'a' → XX", "y::'a' → XX"]),
        ("x += 1\nx.y = 2", ["x::x += 1 → nothing", "x::x += 1 → the other", "x::1 → 2", "module::x.y = 2 → nothing", "module::2 → 3"]),
        ("while a: b()", ["module::while a → never", "module::b() → nothing"]),
        ("x = 1\nx = 1", ["x::1 → 2", "x::1 → 2 #2"]),
        ("import a\nX = TypeVar('X')\nY = Callable[[int], str]\n__slots__ = ('a',)\n@a(1)\nclass B:\n    'doc'\n    c: D[1]", []),
    ],
)  # fmt: skip
def test_each_operator(text, wrong):
    assert says(text) == wrong


def test_a_mutant_is_in_the_tree_only_while_it_is_planted():
    source = Source("m.py", MODULE)
    before = compile(source.tree, "m.py", "exec")
    for number in range(len(source.mutants)):
        assert source.code(number, "m.py") != before, source.mutants[number].name
    assert compile(source.tree, "m.py", "exec") == before


def test_every_mutant_that_is_made_can_be_compiled_and_has_a_name_of_its_own():
    for ring in RINGS:
        for path in ring.sources(mutants.ROOT):
            source = Source(path, (mutants.ROOT / path).read_text(encoding="utf-8"))
            assert len({mutant.name for mutant in source.mutants}) == len(source.mutants)
            for number in range(0, len(source.mutants), 60):
                source.code(number, path)
        assert ring.files(mutants.ROOT)


def test_code_is_exchanged_where_it_lives_also_behind_a_memory():
    source = Source("m.py", "from functools import cache\n\n\n@cache\ndef one():\n    return 1\n")
    lived: dict[str, Any] = {}
    exec(compile(source.tree, "/there/m.py", "exec"), lived)  # noqa: S102
    functions = Functions({"/there/m.py"})
    assert exchange_code(functions, source.code(0, "/there/m.py"))
    assert lived["one"]() == 2
    assert not exchange_code(functions, source.code(0, "/there/m.py"))


def test_a_table_is_made_again_with_what_is_made_of_it_here_and_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mutable_words.py").write_text(
        "WORDS = ('agua', 'luz')\nMANY = len(WORDS)\n\n\ndef has(w):\n    return w in WORDS\n"
    )
    (tmp_path / "mutable_book.py").write_text("from mutable_words import MANY\n\nBOOK = {'many': MANY}\n")
    (tmp_path / "mutable_reader.py").write_text("from mutable_book import BOOK\n")
    words, reader = importlib.import_module("mutable_words"), importlib.import_module("mutable_reader")
    sources = [Source(path, (tmp_path / path).read_text()) for path in ("mutable_words.py", "mutable_book.py")]
    assert (words.has("agua"), reader.BOOK) == (True, {"many": 2})
    assert Tables(sources).exchange(sources[0], 0)
    assert (words.has("agua"), words.MANY, reader.BOOK) == (False, 1, {"many": 1})
    in_function = next(number for number, mutant in enumerate(sources[0].mutants) if mutant.live)
    assert not Tables(sources).exchange(sources[0], in_function)


def test_a_fork_says_how_it_ended_and_one_that_never_ends_is_killed():
    assert in_fork(lambda tell: tell("why") or NOTICED, 0) == (NOTICED, "why")
    assert in_fork(lambda _tell: UNNOTICED, 0) == (UNNOTICED, "")
    assert in_fork(lambda _tell: 1 // 0, 0) == (NOTICED, "ZeroDivisionError")
    assert in_fork(lambda _tell: os.kill(os.getpid(), 24) or UNNOTICED, 0) == (NOTICED, "SIGXCPU")


def test_what_tests_notice_is_noticed_and_the_rest_is_named(tmp_path):
    (tmp_path / "small.py").write_text(MODULE)
    (tmp_path / "test_small.py").write_text(
        "import small\n\n\n"
        "def test_few():\n    assert small.few([]) and small.few([1, 2]) and not small.few([1, 2, 3])\n\n\n"
        "def test_first():\n    assert small.first('sin LUZ aqui') == 'luz'\n"
    )
    (tmp_path / "run.py").write_text(
        "import json, sys\n"
        f"sys.path.insert(1, {str(mutants.ROOT)!r})\n"
        "from tests.mutants import judge, rings\n"
        "judge.OTHERS = ()\n"
        "judge.ARGUMENTS = [*judge.ARGUMENTS, '-c', '/dev/null', '--rootdir=.']\n"
        "ring = rings.Ring(name='small', code=('small.py',), fixtures='', tests=('test_*.py',))\n"
        "judge.judge(ring, None, lambda said: print(json.dumps(said)))\n"
    )
    done = subprocess.run([sys.executable, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    found = {one["name"].removeprefix("small.py::"): one for one in map(json.loads, done.stdout.splitlines())}
    assert sorted(name for name, one in found.items() if not one["verdict"]) == [
        "MOST::3 → 4",
        "WORDS::without 'agua'",
        "few::len(things) <= most and most < MOST → without most < MOST",
        "few::most < MOST → most <= MOST",
        "first::'' → XX",
    ]
    assert found["few::True → False"]["by"] == "test_small.py::test_few"
    assert len(found) == 16


def test_what_lives_on_without_a_reason_is_a_finding_and_so_is_a_reason_without_a_mutant():
    names = ["a.py::f::1", "a.py::f::2", "a.py::f::3", "a.py::f::4"]
    reasons = {"a.py::f::2": "why", "a.py::f::3": "why", "a.py::gone": "why", "elsewhere.py::f": "why"}
    found = mutants.findings(names, {"a.py::f::1", "a.py::f::2"}, {*names}, reasons)
    assert list(found) == [
        "UNNOTICED  a.py::f::1",
        "NOTICED    a.py::f::3 (its reason can go)",
        "NO SUCH    a.py::gone",
    ]


def test_each_reason_stands_once_and_says_something():
    reasons = mutants.explained(mutants.EXPLAINED.read_text(encoding="utf-8"))
    known = {path for ring in RINGS for path in ring.sources(mutants.ROOT)}
    assert {name.partition("::")[0] for name in reasons} <= known
    twice = '[[explained]]\nwhy = "x"\nmutants = ["a", "a"]\n'
    with pytest.raises(ValueError, match="a: named twice"):
        mutants.explained(twice)
    with pytest.raises(ValueError, match="no reason"):
        mutants.explained('[[explained]]\nwhy = " "\nmutants = ["a"]\n')


def test_a_ring_knows_what_is_named_like_a_module_and_its_proofs(monkeypatch):
    monkeypatch.chdir(mutants.ROOT)
    ring = next(ring for ring in RINGS if ring.name == "dialogs")
    assert {"tests/dialogs/test_dialogs_status.py", "tests/dialogs/test_dialogs_exact.py"} <= {
        *ring.alike("dialogs/status.py")
    }
    assert "tests/dialogs/test_dialogs_menu.py" not in ring.alike("dialogs/status.py")


def test_a_ring_knows_its_fixtures():
    assert Ring(name="r", code=(), fixtures="", tests=()).arguments(["t.py"]) == ["--noconftest", "t.py"]
    assert Ring(name="r", code=(), fixtures="f", tests=()).arguments(["t.py"]) == ["--confcutdir=f", "t.py"]


def test_a_module_with_a_mutant_in_it_has_its_place():
    loader = Planted("made.up", "/place/made.py", compile("", "made.py", "exec"))
    made = importlib.util.module_from_spec(loader.find_spec("made.up"))
    assert made.__file__ == "/place/made.py"
    assert loader.find_spec("other") is None
