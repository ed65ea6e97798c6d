"""Hostile input: for each surface that parses, a harness with an oracle, and a runner that guides inputs by coverage.

A harness takes bytes and returns nothing; it asserts what must hold whatever the bytes are. Only `guided.py` needs
atheris, so that the tests run every harness without it.
"""
