"""For every test run: with CI=true a skipped test is a failure, because there everything a test needs is installed."""

import os

import pytest
from hypothesis import settings

# How long an example took says how busy the machine was; speed is measured in bench/.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

_SKIPPED = pytest.StashKey[int]()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Count the skipped; the worker processes leave that to the one that started them."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None or hasattr(session.config, "workerinput"):
        return
    skipped = len(reporter.stats.get("skipped", ()))
    session.config.stash[_SKIPPED] = skipped
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say why a run without a failed test failed."""
    if skipped := config.stash.get(_SKIPPED, 0):
        terminalreporter.write_line(f"CI: {skipped} skipped; here a skip is a failure", red=True)
