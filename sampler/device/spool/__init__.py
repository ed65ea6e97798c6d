"""What must survive kill -9, power cuts, full disks and bit rot: docs/adr/0002-spool.md says how."""

from sampler.device.spool.account import Account
from sampler.device.spool.errors import SpoolMisplaced, SpoolUnavailable
from sampler.device.spool.ledger import Range
from sampler.device.spool.rows import Stretch
from sampler.device.spool.spool import Spool
from sampler.device.spool.values import Entry, Resumption, SpoolStatus

__all__ = [
    "Account",
    "Entry",
    "Range",
    "Resumption",
    "Spool",
    "SpoolMisplaced",
    "SpoolStatus",
    "SpoolUnavailable",
    "Stretch",
]
