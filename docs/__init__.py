"""The pages people read, and ``generate``, which makes those that repeat what the code says."""
