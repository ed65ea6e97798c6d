"""`requests`, without what it loads only to guess the encoding of a text: 3 MB, and we read bytes."""

import sys
import warnings

_GUESSERS = {"chardet", "charset_normalizer"} - sys.modules.keys()

# It can do without them, and warns of it. None in sys.modules is how Python spells "cannot be imported"; afterwards
# anybody else can import them as ever.
sys.modules.update(dict.fromkeys(_GUESSERS))  # type: ignore[arg-type]  # typeshed knows modules only
try:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Unable to find acceptable character detection")
        import requests
finally:
    for _name in _GUESSERS:
        del sys.modules[_name]

__all__ = ["requests"]
