"""What only the judging machine does: a skip there is a failure (conftest.py at the top)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_SOURCE = "import pytest\n\ndef test_it(): pass\n\n@pytest.mark.skip(reason='not here')\ndef test_it_not(): pass\n"


def run(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder of its own, which holds our conftest.py and one test file."""
    shutil.copy(ROOT / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    (folder / "test_one.py").write_text(_SOURCE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-n", "1"]
    return subprocess.run(command, cwd=folder, env=os.environ | {"CI": ci}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_skip_is_a_failure_where_everything_is_installed(tmp_path: Path, ci: str, code: int) -> None:
    done = run(tmp_path, ci)
    assert (done.returncode, "here a skip is a failure" in done.stdout) == (code, code == 1), done.stdout
    assert "1 passed, 1 skipped" in done.stdout
