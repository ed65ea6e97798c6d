"""The server that devices report to."""
