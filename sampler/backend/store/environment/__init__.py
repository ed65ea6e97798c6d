"""The tables of what users' sensors measured: rows, and the batches that are still coming in."""
