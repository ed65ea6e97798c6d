"""How readings are best laid out in a database, for ADR 7: `python -m bench.layouts`, within a minute."""
