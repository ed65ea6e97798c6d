"""HTTP as the device speaks it: one request at a time, each over by its deadline."""
