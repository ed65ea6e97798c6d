"""Users, their passwords, and the tokens that stand for them (contract E)."""
