"""What is wrong although it loads: the config, the city, the dialogs, the words in every language.

What does not load at all is a ``ConfigError`` and never comes here.
"""

from datetime import datetime

from dialogs import proofs
from dialogs.book import BOOK
from gateway import wording
from gateway.check import cities, keywords, settings
from gateway.config import HOME, Config
from gateway.findings import Finding, Level
from gateway.outbound.render import Renderer


def examine(config: Config, now: datetime) -> list[Finding]:
    """Look at everything that can be looked at without a store."""
    templates = HOME / "templates" / "sms"
    renderer = Renderer(config.city, templates, config.service.name)
    return [
        *settings.examine(config),
        *cities.examine(config.city, now),
        *keywords.examine(config.city),
        *(Finding(level=Level.ERROR, where=one.where, what=one.what, mend=one.mend) for one in proofs.flaws(BOOK)),
        *wording.examine(config.city, renderer, templates),
    ]
