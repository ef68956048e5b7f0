"""The transcripts, and the player that is held to them. What the lines mean is told in ``gateway.rehearsal.player``."""

from pathlib import Path

from gateway.rehearsal.player import Carrier, Player

__all__ = ["Carrier", "Player", "scripts"]


def scripts() -> list[Path]:
    """Every transcript, by name."""
    return sorted(Path(__file__).parent.glob("*.txt"))
