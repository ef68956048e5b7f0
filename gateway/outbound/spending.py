"""What a day has cost against each cap, for whoever watches the money. Reads what the brakes count; decides nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dialogs.messages import MessageKind
from gateway.outbound.caps import SHARES, Caps, Reason, Scope
from store.brakes import Spent

#: Of the blocks of numbers only so many are told, the fullest: a busy day has thousands.
BLOCKS = 5

_ORDER = (Reason.CHANNEL, Reason.COUNTRY, Reason.CAMPAIGN, Reason.PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How much of a cap is used. Of a block of numbers messages are counted, elsewhere segments."""

    scope: Scope
    spent: Spent

    @property
    def used(self) -> int:
        """What was counted until now, in the cap's own measure."""
        return self.scope.used(self.spent)

    @property
    def percent(self) -> int:
        """How full the cap is, rounded down; a cap of nothing is full."""
        return self.used * 100 // self.scope.cap if self.scope.cap else 100

    @property
    def held(self) -> Collection[MessageKind]:
        """Which kinds of message wait, or are cut, from now on: not even one of a single segment would go."""
        return [kind for kind in SHARES if not self.scope.fits(self.used, kind, 1) and self._concerns(kind)]

    def _concerns(self, kind: MessageKind) -> bool:
        """A broadcast's own cap holds nothing but it, and a block of numbers everything else."""
        if self.scope.reason is Reason.CAMPAIGN:
            return kind is MessageKind.BROADCAST
        return self.scope.reason is not Reason.PREFIX or kind is not MessageKind.BROADCAST


def uses(caps: Caps, lines: Collection[str], spent: Mapping[str, Spent]) -> list[Use]:
    """Compare what was counted on a day with the caps; ``lines`` and our own countries are told also at nothing.

    What was counted for a line that is no more is told too, by the cap of a line without one of its own.
    """
    here = [*map(caps.line, lines), *caps.countries()]
    scopes = {scope.name: scope for scope in here} | {name: caps.named(name) for name in spent}
    found = [Use(scope=scope, spent=spent.get(name, Spent())) for name, scope in scopes.items()]
    found.sort(key=lambda one: (_ORDER.index(one.scope.reason), -one.used, one.scope.name))
    blocks = [one for one in found if one.scope.reason is Reason.PREFIX]
    return [one for one in found if one not in blocks[BLOCKS:]]
