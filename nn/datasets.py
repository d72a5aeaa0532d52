"""Datasets: handwritten digits that ship with the package, and MNIST, which is downloaded once.

Every file is a gzipped IDX file whose whole content is known beforehand by its SHA-256. So nothing in a file is
believed: not the sizes in its header, not the length that a server announces, and no more is ever decompressed than the
true content holds."""

from __future__ import annotations

import math
import os
import stat
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from autograd.errors import AutogradError
from autograd.files import clear_parts, replacing

__all__ = ["DatasetError", "load_digits", "load_mnist"]

Images = np.ndarray[Any, np.dtype[np.uint8]]
Split = tuple[tuple[Images, Images], tuple[Images, Images]]


class DatasetError(AutogradError, OSError):
    """A file of a dataset is missing, cannot be downloaded, or does not hold what it should. The message names the
    file.

    Examples
    --------
    >>> issubclass(DatasetError, OSError)
    True
    """


class _File(NamedTuple):
    """One gzipped IDX file of unsigned bytes: its name, the shape of its array, and the SHA-256 of its uncompressed
    content.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> int:
        """Bytes before the array: a magic number, and the length of each axis, four bytes each."""
        return 4 + 4 * len(self.shape)

    @property
    def size(self) -> int:
        """Bytes of the uncompressed content."""
        return self.header + math.prod(self.shape)


_DIGITS = (
    _File(
        "digits-images-idx3-ubyte.gz", (1797, 8, 8), "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96"
    ),
    _File("digits-labels-idx1-ubyte.gz", (1797,), "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad"),
)
_MNIST = (
    _File(
        "train-images-idx3-ubyte.gz",
        (60000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    _File("train-labels-idx1-ubyte.gz", (60000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    _File(
        "t10k-images-idx3-ubyte.gz", (10000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    _File("t10k-labels-idx1-ubyte.gz", (10000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_TIMEOUT = 30.0  # seconds without a byte from the server
_PATIENCE = 900.0  # seconds for a whole file
_CHUNK = 1 << 16
_MOST_MEMBERS = 16  # of a gzip file: the true ones have one


def load_digits() -> Split:
    """Load the UCI handwritten digits, which ship with the package: 1,797 images of 8 x 8 pixels, of ten classes.

    Within each class every fifth image, in the order of the dataset, is held out for the test. So the split is the same
    on every machine, and both parts hold the ten digits in equal proportion.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images as uint8 of shapes (1442, 8, 8) and (355, 8, 8), from 0 (white) to 16 (black), and labels as uint8 of
        shapes (1442,) and (355,), from 0 to 9.

    Raises
    ------
    DatasetError
        If the files of the installed package are damaged.

    References
    ----------
    E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998,
    https://doi.org/10.24432/C50P49, licensed under CC BY 4.0.

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = load_digits()
    >>> x_train.shape, x_train.dtype, int(x_train.max())
    ((1442, 8, 8), dtype('uint8'), 16)
    """
    folder = Path(__file__).parent / "data"
    images, labels = (
        _read(folder / file.name, file, "Reinstall tapegrad: the file is part of it.") for file in _DIGITS
    )
    held_out = np.zeros(len(labels), bool)
    for digit in range(10):
        held_out[np.flatnonzero(labels == digit)[4::5]] = True
    return (images[~held_out], labels[~held_out]), (images[held_out], labels[held_out])


def load_mnist() -> Split:
    """Load MNIST: 70,000 handwritten digits of 28 x 28 pixels. Downloads them (12 MB) the first time.

    The four files are kept in the user's cache folder: ``$XDG_CACHE_HOME/tapegrad/mnist`` where that variable is set,
    otherwise ``~/.cache/tapegrad/mnist``, ``~/Library/Caches/tapegrad/mnist`` on macOS,
    ``%LOCALAPPDATA%\\tapegrad\\mnist`` on Windows. If the environment variable ``TAPEGRAD_DATA`` names a folder, the
    files are read from there, or from its subfolder ``mnist``, and nothing is downloaded. The content of each file is
    checked by its SHA-256 whenever it is read.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images as uint8 of shapes (60000, 28, 28) and (10000, 28, 28), from 0 (white) to 255 (black), and labels as
        uint8 of shapes (60000,) and (10000,), from 0 to 9.

    Raises
    ------
    DatasetError
        If a file is missing from the folder that ``TAPEGRAD_DATA`` names, if no mirror gives it, or if it is truncated,
        corrupt, or another file than it should be.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*,
    Proceedings of the IEEE 86 (11), 1998, pp. 2278-2324.

    Examples
    --------
    The first call downloads, so this example is not run:

    >>> (x_train, y_train), (x_test, y_test) = load_mnist()  # doctest: +SKIP
    >>> x_train.shape, y_train.dtype  # doctest: +SKIP
    ((60000, 28, 28), dtype('uint8'))
    """
    x_train, y_train, x_test, y_test = _load(_MNIST, "mnist", _MNIST_MIRRORS)
    return (x_train, y_train), (x_test, y_test)


def _load(files: Sequence[_File], name: str, mirrors: Sequence[str]) -> list[Images]:
    """Read the files of the dataset `name` from the user's folder, or else from the cache, where those that are missing
    are put.
    """
    given = os.environ.get("TAPEGRAD_DATA")
    if given:
        try:
            folder = Path(given).expanduser()
            if (folder / name).is_dir():
                folder = folder / name
        except (OSError, RuntimeError, ValueError) as error:  # no such user, a text that is no path
            raise DatasetError(f"TAPEGRAD_DATA is {given!r}, which is no path: {error}. Name a folder.") from error
        fix = f"Put the true file there, or unset TAPEGRAD_DATA to download it from {mirrors[0]}."
    else:
        folder = _cache_folder() / name
        fix = "Delete it, and it will be downloaded again."
        for file in files:
            if not (folder / file.name).exists():
                _download(file, folder, mirrors)
    return [_read(folder / file.name, file, fix) for file in files]


def _cache_folder() -> Path:
    """Return the folder for data that can be had again, where the platform keeps such data."""
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):  # the XDG specification ignores a relative path
        return Path(xdg) / "tapegrad"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tapegrad"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "tapegrad"
    return Path.home() / ".cache" / "tapegrad"


def _read(path: Path, file: _File, fix: str) -> Images:
    """Return the array in the file at `path`. `fix` is the advice if its content is wrong."""
    try:
        with _opened(path) as stream:
            content = _content(stream, file)
    except FileNotFoundError:
        raise DatasetError(f"{path} is missing. {fix}") from None
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}. {fix}") from error
    except ValueError as error:
        raise DatasetError(f"{path} {error}. {fix}") from None
    return np.frombuffer(content, np.uint8, offset=file.header).reshape(file.shape).copy()


def _opened(path: Path) -> IO[bytes]:
    """Open a file to read, and nothing else: a pipe would wait for somebody who writes."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise ValueError("is no file, but a folder, a pipe or a device")
    return stream


def _content(stream: IO[bytes], file: _File) -> bytes:
    """Decompress `stream` and check that it is `file`; raise ValueError with the defect."""
    from hashlib import sha256  # which loads OpenSSL: 3 ms that only those pay who read a dataset

    # No more is read than there can be: gzip adds a few bytes to what it cannot compress, never more than a chunk. So
    # what stands behind the content, such as empty members or zeros, costs no time.
    bound = file.size + _CHUNK
    packed = stream.read(bound + 1)
    try:
        content = _unpacked(packed, file.size + 1)  # one more than there should be: a longer file shows
    except EOFError:
        if len(packed) <= bound:
            raise ValueError("is truncated: its compressed data ends too soon") from None
        content = b""
    except zlib.error as error:
        failed = "CRC check failed" if "data check" in str(error) else error
        raise ValueError(f"is corrupt or no gzip file ({failed})") from None
    if len(content) <= file.size and len(packed) > bound:
        raise ValueError(f"is another file: more than {bound} bytes, compressed")
    if len(content) != file.size:
        found = f"{len(content)} bytes" if len(content) < file.size else "more"
        raise ValueError(f"is another file: uncompressed it should hold {file.size} bytes, and holds {found}")
    digest = sha256(content).hexdigest()
    if digest != file.sha256:
        raise ValueError(
            f"is another file or corrupt: the SHA-256 of its uncompressed content should be {file.sha256}, and is "
            f"{digest}"
        )
    return content


def _unpacked(packed: bytes, most: int) -> bytes:
    """Decompress the members of a gzip file, to so many bytes at most. Zeros may stand behind the last one."""
    found = b""
    if packed[:2] not in (b"", b"\x1f\x8b"):
        raise zlib.error(f"Not a gzipped file: it begins with {packed[:2]!r}")
    for _ in range(_MOST_MEMBERS if packed else 0):
        member = zlib.decompressobj(wbits=31)
        found += member.decompress(packed, most - len(found))
        if len(found) >= most:
            return found
        if not member.eof:
            raise EOFError
        packed = member.unused_data.lstrip(b"\0")
        if not packed:
            return found
    if packed:
        raise ValueError(f"is another file: it has more than {_MOST_MEMBERS} parts")
    return found


def _download(file: _File, folder: Path, mirrors: Sequence[str]) -> None:
    """Put `file` into `folder` from the first mirror that gives it whole. On failure, whatever its kind, nothing is
    left there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatasetError(
            f"{folder} cannot be made: {error.strerror}. Set XDG_CACHE_HOME to a folder that can be written."
        ) from error
    clear_parts(folder)
    failures = []
    for mirror in mirrors:
        try:
            _download_from(mirror + file.name, file, folder)
            return
        except (OSError, ValueError) as error:
            failures.append(f"  {mirror + file.name}: {_printable(str(error)) or type(error).__name__}")
    raise DatasetError(
        f"{file.name} could not be downloaded to {folder}:\n"
        + "\n".join(failures)
        + "\nTry again later, or get the file by other means and set TAPEGRAD_DATA to its folder."
    )


def _printable(text: str) -> str:
    """Return a text of a server in one line, without the characters that steer a terminal."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))[:500]


def _download_from(url: str, file: _File, folder: Path) -> None:
    """Fetch one file from one address, check it, and only then give it its name, which is atomic: no reader sees half a
    file.
    """
    bound = file.size + _CHUNK
    with replacing(folder / file.name) as stream:
        for chunk in _chunks(url, file.name):
            stream.write(chunk)
            if stream.tell() > bound:
                raise ValueError(f"is another file: more than {bound} bytes, compressed")
        stream.seek(0)
        _content(stream, file)


def _chunks(url: str, name: str) -> Iterator[bytes]:
    """Yield what a server sends, and show how far it is. Raise ValueError where that fails or takes too long."""
    from http.client import HTTPException  # these three are slow to import, and few runs download anything
    from urllib.request import urlopen

    from tqdm import tqdm

    end = time.monotonic() + _PATIENCE
    try:
        with urlopen(url, timeout=_TIMEOUT) as response:
            length = response.headers.get("Content-Length", "")
            total = int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else None
            with tqdm(total=total, desc=name, unit="B", unit_scale=True, disable=None) as bar:
                while chunk := response.read1(_CHUNK):  # what there is, so that a slow server is noticed
                    yield chunk
                    bar.update(len(chunk))
                    if time.monotonic() > end:
                        raise ValueError(f"took more than {_PATIENCE:g} seconds")
    except (OSError, HTTPException) as error:
        raise ValueError(str(error) or type(error).__name__) from error
