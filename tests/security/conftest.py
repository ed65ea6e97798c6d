"""A backend in the test's own process, as the tests of the backend have it."""

from tests.backend.conftest import client, database_in_environ, serve

__all__ = ["client", "database_in_environ", "serve"]
