"""`python -m sampler.backend`: the backend without the rest of the command line."""

from sampler.backend.command import backend

backend(prog_name="python -m sampler.backend")
