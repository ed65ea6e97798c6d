"""Contract C: requests of customers, judged and counted."""
