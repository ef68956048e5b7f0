"""How fast, beside which floor. Everything here speaks to the loopback only, is bounded in count and time, and stops.

Rates of one machine in one minute mean little; what is kept is the ratio of two servers in one interleaved run.
"""
