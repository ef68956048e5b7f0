"""I17: logs, metrics and addresses hold nothing of what people say, nor who they are, nor our secrets."""

from collections.abc import Iterable, Iterator

from gateway.invariants.evidence import Violation

SAID = "a log holds what must not be in it"


def leaks(logs: Iterable[str], secrets: Iterable[str]) -> Iterator[Violation]:
    """Look for each secret in each text; say in which line, never which."""
    sought = sorted({secret for secret in secrets if secret.strip()})
    for number, text in enumerate(logs, start=1):
        for at, line in enumerate(text.splitlines(), start=1):
            if any(secret in line for secret in sought):
                yield Violation(invariant="I17", what=SAID, where=f"log {number}, line {at}")
