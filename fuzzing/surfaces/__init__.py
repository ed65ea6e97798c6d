"""One file for each surface: its harness, its oracle, its seeds, and `TARGET`, which has them all."""
