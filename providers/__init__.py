"""The wings to the world: codecs between a vendor's bytes and the words of the house. No network, no clock."""
