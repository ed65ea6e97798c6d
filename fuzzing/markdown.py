"""The examples of the project's own documents, to begin with."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

_OBJECT = re.compile(r"[{\[].*[}\]]", re.DOTALL)


def json_examples(page: Path) -> Iterator[bytes]:
    """Give what is JSON in a page's blocks of code and on its lines."""
    text = page.read_text()
    for part in (*text.split("```"), *text.splitlines()):
        for found in _OBJECT.findall(part):
            try:
                json.loads(found)
            except ValueError:
                continue
            yield found.encode()
