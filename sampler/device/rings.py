"""What an error that has been dealt with still holds."""

from traceback import clear_frames


def let_go(error: BaseException | None) -> None:
    """Empty the frames that an error, and what caused it, has come through and that have ended.

    Libraries leave an error in a variable of a frame that it comes through: a ring, in which all that the call was
    made of stays in memory until the collector comes by. In an outage that was a MiB.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
