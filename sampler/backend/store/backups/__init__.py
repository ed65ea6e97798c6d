"""A store as one file, of the embedded engine's own form: written from either engine, and read into either."""


class CannotCopy(Exception):  # noqa: N818 - it says what it is
    """What is to be copied, or where to, is not as it must be; the words name the cure. Nothing was changed."""
