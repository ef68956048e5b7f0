"""Pictures of the dialogs and of a case's life, drawn from the data that runs, so that they cannot differ from it.

``graphs`` reads off what there is, ``ranks`` and ``layout`` find each box its place, ``svg`` and ``mermaid`` write it
down. All pure: no files, no words of their own.
"""
