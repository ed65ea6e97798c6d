"""A backend in the test's own process, as the tests of the backend have it."""

from tests.backend.conftest import serve

__all__ = ["serve"]
