"""``python -m gateway`` and ``barrio``."""

from gateway.cli.root import barrio


def main() -> None:
    """Run one command line."""
    barrio(prog_name="barrio")


if __name__ == "__main__":
    main()
