"""Outbound: words for what we say, and its way to the carrier and back.

``outbox`` sends; ``handover`` holds the rules checked at the last moment; ``results`` and ``lease`` say what became of
an attempt; ``receipts`` takes what carriers report later; ``retry``, ``quiet``, ``segments`` are arithmetic.
"""
