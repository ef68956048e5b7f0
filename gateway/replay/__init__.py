"""Stored conversations once more, through the dialogs of this working tree. Sends nothing, writes nothing."""
