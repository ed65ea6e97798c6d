"""What users' sensors say."""

from typing import Any


def row(**changes: Any) -> dict[str, Any]:
    """A row, with fields changed, or left out where None is given."""
    whole = {
        "sensor_id": "kitchen",
        "timestamp": "2022-01-05T10:00:00.000Z",
        "temperature": 21.5,
        "humidity": 40.0,
        "pressure": 1013.25,
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def rows(many: int, **changes: Any) -> list[dict[str, Any]]:
    """So many rows, a second after each other from 2022-01-05 on."""
    return [
        row(timestamp=_second(number), temperature=float(number % 50), **changes) for number in range(many)
    ]


def _second(number: int) -> str:
    hours, minutes, seconds = number // 3600, number // 60 % 60, number % 60
    return f"2022-01-{5 + hours // 24:02}T{hours % 24:02}:{minutes:02}:{seconds:02}.000Z"
