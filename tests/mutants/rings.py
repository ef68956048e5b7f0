"""What is mutated, and the tests that must notice: the pure ring, which needs no store, no network and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Sources and their tests, as patterns below the root of the tree.

    ``fixtures`` is the folder whose ``conftest.py`` the tests need: those above it load the store, for nothing here.
    ``proofs`` are quick tests that look at tables without running through the module that holds them.
    """

    name: str
    code: tuple[str, ...]
    fixtures: str
    tests: tuple[str, ...]
    proofs: tuple[str, ...] = ()

    def sources(self, root: Path = Path()) -> Sequence[str]:
        """The modules that are mutated."""
        return _found(self.code, root)

    def files(self, root: Path = Path()) -> Sequence[str]:
        """The files of tests that must notice."""
        return _found(self.tests, root)

    def alike(self, module: str) -> Sequence[str]:
        """The files of tests that are named like a module, and the proofs."""
        return [file for file in self.files() if Path(module).stem in Path(file).stem or file in self.proven()]

    def proven(self) -> Sequence[str]:
        """The files of the proofs."""
        return [file for file in self.files() if any(map(Path(file).match, self.proofs))]

    def arguments(self, files: Sequence[str]) -> Sequence[str]:
        """What pytest is asked to run."""
        return [f"--confcutdir={self.fixtures}" if self.fixtures else "--noconftest", *files]


RINGS = (
    Ring(
        name="segments",
        code=("gateway/outbound/segments.py",),
        fixtures="",
        tests=("tests/gateway/test_*segments*.py",),
    ),
    Ring(
        name="providers",
        code=("providers/*.py",),
        fixtures="tests/providers",
        tests=("tests/providers/test_*.py",),
        proofs=("*_exact.py",),
    ),
    Ring(
        name="understand",
        code=("dialogs/understand/*.py",),
        fixtures="tests/dialogs",
        tests=("tests/dialogs/understand/test_*.py", "tests/dialogs/test_dialogs_book*.py"),
        proofs=("*_exact.py",),
    ),
    Ring(
        name="proofs",
        code=("dialogs/proofs.py",),
        fixtures="tests/check",
        tests=("tests/check/test_check_dialogs.py", "tests/check/test_check_mutations.py"),
    ),
    Ring(
        name="dialogs",
        code=("dialogs/[!p]*.py", "dialogs/pro[!o]*.py"),
        fixtures="tests/dialogs",
        tests=("tests/dialogs/**/test_*.py",),
        proofs=("test_dialogs_graph.py", "*_exact.py"),
    ),
)


def _found(patterns: Sequence[str], root: Path) -> Sequence[str]:
    return sorted(str(path.relative_to(root)) for pattern in patterns for path in root.glob(pattern))
