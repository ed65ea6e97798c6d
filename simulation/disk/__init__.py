"""The disk of a simulated machine: it forgets what was not synced, refuses, stalls and rots, as its seed wants it.

Its files really lie in a folder, best in memory. A process mounts it and has it until its end. It ends by a kill, and
then everything that was written stays, or by a power cut, and then what no sync has made last stays or not: see
`unsynced`. Either end can be armed to come at a step; that step, and whatever the dead process begins after it, raises
Crash. Steps are what changes something: "create", "write", "truncate", "sync", "rename", "delete", "sync directory".

One thing is not as with SQLite's own way to a disk: apsw also raises the errors that SQLite itself passes over, those
of a checkpoint after a commit that is done, and of one at the closing of a file.
"""

from simulation.disk.chance import seed_sqlite
from simulation.disk.disk import Disk
from simulation.disk.volume import Crash, SimulatedVolume

__all__ = ["Crash", "Disk", "SimulatedVolume", "seed_sqlite"]
