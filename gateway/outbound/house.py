"""The parts that speaking and performing need, joined once in ``app``."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.channels import Channel
from gateway.clock import Clock
from gateway.config import Config
from gateway.outbound.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What is fixed while the service runs. ``clock`` is for its dice; the time of an act is passed along."""

    config: Config
    channels: Mapping[str, Channel]
    renderer: Renderer
    clock: Clock
