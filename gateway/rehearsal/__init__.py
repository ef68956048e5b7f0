"""A gateway of its own on which a conversation is played from a text file: transcripts, and what becomes one."""
