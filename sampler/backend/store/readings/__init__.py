"""Readings of all sensors: their tables, what goes in and what comes out.

What a commit brings is one row of `arrivals`. In the background it is moved into `blocks`, a sensor's and an hour's
readings each, with their statistics; those of an hour that is over are merged. A reading is in an arrival or in a
block, never in both. `sensors` has the running statistics, which are adjusted in the transaction that stores.
"""
