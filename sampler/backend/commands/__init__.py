"""What an operator does to a backend: a file for each command."""
