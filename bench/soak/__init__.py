"""A day of a daemon and a backend, in real processes, watched from outside: nothing may grow."""
