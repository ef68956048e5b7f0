"""``python -m gateway`` and ``barrio``."""

from gateway import log
from gateway.cli.root import barrio
from gateway.clock import SystemClock


def main() -> None:
    """Run one command line. What is logged on the way is JSON on standard error, without people's words."""
    log.configure(SystemClock())
    barrio(prog_name="barrio")


if __name__ == "__main__":
    main()
