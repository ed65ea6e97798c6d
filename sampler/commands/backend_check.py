"""What `sampler check` asks the backend: whether it would take measurements. It is sent none."""

import time
from contextlib import closing

from sampler.commands.checks import Finding, good, wrong
from sampler.commands.words import plural
from sampler.device.client import Client, Rejected, Unreachable
from sampler.device.config import Config

TRIES = 8
"""A backend that fails two times in five, as the published one does, fails eight times on end once in 1500."""
PAUSE_S = 0.2

# By how the reason begins; the first that fits counts.
_CURES = (
    ("backend.", "see to the file"),
    ("3", ""),  # a redirect, which asks about backend.url itself
    ("401", "see to backend.token_file"),
    ("403", "see to backend.token_file"),
    ("4", "is backend.url right?"),
    ("5", "see to the backend: until then measurements are kept"),
    ("host name", "is backend.url right?"),
    ("certificate", "see to backend.ca_file"),
    ("", "start the backend, or see to backend.url"),
)


def backend(config: Config) -> Finding:
    """Ask it with an empty array, of which it stores nothing."""
    url = config.backend.url
    with closing(Client(config.backend, config.sensor.name)) as client:
        failed = 0
        while True:
            try:
                client.probe()
            except Rejected as error:
                return wrong("backend", f"{url}: {error.reason}; is backend.url right?")
            except Unreachable as error:
                failed += 1
                if failed == TRIES or not (error.retry and error.answered):
                    return wrong("backend", f"{url}: {_with_cure(error.reason)}")
                time.sleep(PAUSE_S)
            else:
                return good("backend", f"{url} takes measurements{_after(failed)}")


def _after(failed: int) -> str:
    return f", after {plural(failed, 'answer')} of failure" if failed else ""


def _with_cure(reason: str) -> str:
    cure = next(cure for start, cure in _CURES if reason.startswith(start))
    return f"{reason}; {cure}" if cure else reason
