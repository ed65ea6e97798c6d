"""What a device pays: CPU, memory, lateness; beside a loop in C and a bare one in Python, in the same run."""
