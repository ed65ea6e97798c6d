"""A disk that does what a test tells it: the seam is SQLite's own, so everything above it is real."""

import threading

import apsw

BASE = apsw.vfs_names()[0]


class Disk(apsw.VFS):
    """The default disk while the block lasts. It counts syncs, can hold them back, and can refuse to write."""

    def __init__(self) -> None:
        super().__init__("test-disk", BASE, makedefault=True)
        self.syncs = 0
        self.fault: type[apsw.Error] | None = None
        self.may_sync = threading.Event()
        self.may_sync.set()

    def __enter__(self) -> "Disk":
        return self

    def __exit__(self, *_: object) -> None:
        self.may_sync.set()
        self.unregister()

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "_File":  # noqa: N802 - SQLite's name
        return _File(self, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(BASE, name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        if self._disk.fault:
            raise self._disk.fault("as the test wants it")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.may_sync.wait(10)
        self._disk.syncs += 1
        super().xSync(flags)
