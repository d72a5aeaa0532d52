"""Write files: whoever reads one finds the old content or the new one, and never a part."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator
from typing import IO

from autograd.errors import FileError, NoFolderError

__all__ = ["clear_parts", "replacing", "write_file"]

# A part that was not written to for so many seconds belongs to a run that was killed.
_ABANDONED = 3600.0
_PART = re.compile(r"\.[0-9a-f]{16}\.part$")


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file beside another one, which takes its place when the block ends without an error.

    A new file has the permissions that the umask leaves, and one that takes the place of another has those of that.
    A terminal, or another thing that is no regular file, is written to as it is.

    Parameters
    ----------
    path : str or PathLike
        A link is followed.

    Yields
    ------
    file
        Binary, to read and to write.

    Raises
    ------
    FileError
        If the file cannot be written, as on a full disk. The old content is there still.
    NoFolderError
        If its folder is not there.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.bin")
    >>> with replacing(path) as file:
    ...     size = file.write(b"123")
    >>> os.listdir(os.path.dirname(path))
    ['numbers.bin']
    """
    shown = os.fspath(path)
    try:
        target = os.path.realpath(shown)
        mode = _mode_of(target)
        if mode is not None and not stat.S_ISREG(mode):
            with open(target, "wb") as file:
                yield file
            return
        folder, name = os.path.split(target)
        clear_parts(folder)
        part = os.path.join(folder, f"{name[:50]}.{os.urandom(8).hex()}.part")  # names have a greatest length
        try:
            with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                os.chmod(part, stat.S_IMODE(mode))
            os.replace(part, target)
        except BaseException:  # an interrupt, too, leaves nothing behind
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
    except FileError:
        raise
    except OSError as error:
        kind = NoFolderError if isinstance(error, FileNotFoundError) else FileError
        raise kind(f"{shown} cannot be written: {error.strerror or error}. The old content is there still.") from error


def write_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file. See `replacing`."""
    with replacing(path) as file:
        file.write(content)


def clear_parts(folder: str | os.PathLike[str]) -> None:
    """Remove the parts of files that runs which were killed have left in a folder."""
    with contextlib.suppress(OSError), os.scandir(folder or ".") as entries:
        for entry in entries:
            if _PART.search(entry.name):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _ABANDONED:
                        os.unlink(entry.path)


def _mode_of(path: str) -> int | None:
    """Return the kind and the permissions of a file, or None where there is none."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


_BINARY = getattr(os, "O_BINARY", 0)
