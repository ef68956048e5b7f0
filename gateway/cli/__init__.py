"""``barrio …``: the house from the command line. One file a group of commands, each thin.

Every command takes ``--config FILE`` (default ``config.yaml``, or what ``BARRIO_CONFIG`` names) and ``--json``.
"""
