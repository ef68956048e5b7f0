"""The pure heart of the gateway, and the vocabulary of the whole house.

Rule 1: nothing here does anything. A dialog step is a function of facts and a text; its result is a new session and a
list of effects that somebody else performs.

Rule 2: nothing here knows the time, the network, the disk or the dice. What a step may know is in ``facts.Facts``.
"""
