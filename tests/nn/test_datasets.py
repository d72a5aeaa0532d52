"""The datasets: what they hold, and what happens when a file, a folder or a server is not as it should be."""

import gzip
import hashlib
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from nn import datasets
from nn.datasets import DatasetError, load_digits, load_mnist

MNIST_FOLDER = Path(os.environ.get("TAPEGRAD_DATA") or Path(__file__).parents[3] / "shared" / "data" / "mnist")


def idx(array):
    """Write an IDX file's content for an array of unsigned bytes."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


ARRAY = np.arange(60, dtype=np.uint8).reshape(5, 4, 3)
FILE = datasets._File("small-idx3-ubyte.gz", ARRAY.shape, hashlib.sha256(idx(ARRAY)).hexdigest())
GOOD = gzip.compress(idx(ARRAY))


@pytest.fixture
def given(tmp_path, monkeypatch):
    """Make a folder that TAPEGRAD_DATA names."""
    monkeypatch.setenv("TAPEGRAD_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Make an empty cache folder, with no TAPEGRAD_DATA beside it; gives the folder of the dataset "small" in it."""
    monkeypatch.delenv("TAPEGRAD_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "tapegrad" / "small"


@pytest.fixture
def server():
    """Serve on loopback what `server.answers` says for each path: bytes, or a function that is given the handler."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            answer = server.answers.get(self.path)
            if answer is None:
                self.send_error(404)
            elif callable(answer):
                answer(self)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.answers, server.asked = {}, []
    server.mirrors = [f"http://127.0.0.1:{server.server_port}/{name}/" for name in "ab"]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def load(mirrors=("http://127.0.0.1:1/",)):
    return datasets._load([FILE], "small", mirrors)[0]


def test_digits():
    (x_train, y_train), (x_test, y_test) = load_digits()
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == ((1442, 8, 8), (1442,), (355, 8, 8), (355,))
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert x_train.max() == x_test.max() == 16
    np.testing.assert_array_equal(
        np.bincount(y_train) + np.bincount(y_test), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )
    np.testing.assert_array_equal(np.bincount(y_test), [35, 36, 35, 36, 36, 36, 36, 35, 34, 36])
    x_train[0] = 0  # each call returns arrays of its own, which can be written to
    assert load_digits()[0][0][0].any()


def test_digits_are_in_their_order_and_every_fifth_of_a_class_is_held_out():
    (x_train, y_train), (x_test, y_test) = load_digits()
    zero = [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
    ]
    np.testing.assert_array_equal(x_train[0, :4], zero)
    assert y_train[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert y_test[:5].tolist() == [5, 0, 9, 8, 7]
    sums = np.concatenate([x_train, x_test]).reshape(1797, 64).sum(1, dtype=int)
    assert (sums.sum(), sums.min(), sums.max()) == (561718, 185, 433)


@pytest.mark.skipif(
    not any((folder / "train-images-idx3-ubyte.gz").exists() for folder in (MNIST_FOLDER, MNIST_FOLDER / "mnist")),
    reason="the MNIST files are missing: set TAPEGRAD_DATA to a folder that holds them",
)
@pytest.mark.parametrize("up", [0, 1], ids=["the folder", "the folder above"])
def test_mnist(up, monkeypatch):
    folder = MNIST_FOLDER if (MNIST_FOLDER / "train-images-idx3-ubyte.gz").exists() else MNIST_FOLDER / "mnist"
    if up and folder.name != "mnist":
        pytest.skip(f"the files lie in a folder named {folder.name}, not mnist")
    monkeypatch.setenv("TAPEGRAD_DATA", str(folder.parent if up else folder))
    (x_train, y_train), (x_test, y_test) = load_mnist()
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == (
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    )
    assert x_train.dtype == y_train.dtype == np.uint8
    assert y_train[:8].tolist() == [5, 0, 4, 1, 9, 2, 1, 3]
    assert y_test[:8].tolist() == [7, 2, 1, 0, 4, 1, 4, 9]
    assert (x_train.max(), round(float(x_train.mean()) / 255, 4), round(float(x_train.std()) / 255, 4)) == (
        255,
        0.1307,
        0.3081,
    )


def test_mirrors_are_https():
    assert len(datasets._MNIST_MIRRORS) == 2
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in datasets._MNIST_MIRRORS)


def test_given_folder(given):
    (given / FILE.name).write_bytes(GOOD)
    np.testing.assert_array_equal(load(), ARRAY)
    (given / "small").mkdir()
    with pytest.raises(DatasetError, match="is missing"):  # a subfolder of the dataset's name comes first
        load()
    (given / "small" / FILE.name).write_bytes(GOOD)
    np.testing.assert_array_equal(load(), ARRAY)


def header_lies(content):
    """Announce 4 billion images; a reader that believed it would ask for 48 GB."""
    return content[:4] + b"\xff\xff\xff\xff" + content[8:]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is another file: uncompressed it should hold 76 bytes, and holds 0 bytes"),
        (GOOD[:-20], "is truncated: its compressed data ends too soon"),
        (GOOD[:5], "is truncated: its compressed data ends too soon"),
        (GOOD[:-8] + b"\0\0\0\0" + GOOD[-4:], r"is corrupt or no gzip file \(CRC check failed"),
        (GOOD[:12] + b"\xff\xff\xff" + GOOD[15:], "is corrupt"),
        (b"<html>not here</html>", r"is corrupt or no gzip file \(Not a gzipped file"),
        (gzip.compress(idx(ARRAY)[:-1]), "is another file: uncompressed it should hold 76 bytes, and holds 75 bytes"),
        (gzip.compress(idx(ARRAY) + b"x"), "is another file: uncompressed it should hold 76 bytes, and holds more"),
        (
            gzip.compress(header_lies(idx(ARRAY))),
            "is another file or corrupt: the SHA-256 of its uncompressed content should be",
        ),
        (
            gzip.compress(idx(ARRAY[::-1])),
            f"should be {FILE.sha256}, and is {hashlib.sha256(idx(ARRAY[::-1])).hexdigest()}",
        ),
    ],
    ids=[
        "empty",
        "truncated",
        "cut in the header",
        "checksum",
        "garbled",
        "no gzip",
        "short",
        "long",
        "header lies",
        "other content",
    ],
)
def test_wrong_files(given, content, message):
    path = given / FILE.name
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=message) as caught:
        load(["https://example.org/small/"])
    assert str(caught.value).startswith(f"{path} is ")
    assert str(caught.value).endswith(
        ". Put the true file there, or unset TAPEGRAD_DATA to download it from https://example.org/small/."
    )
    assert isinstance(caught.value, OSError)


def test_bomb_is_not_unpacked(given):
    import tracemalloc

    (given / FILE.name).write_bytes(gzip.compress(bytes(1 << 27)))
    tracemalloc.start()
    with pytest.raises(DatasetError, match="should hold 76 bytes, and holds more"):
        load()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 22


def test_missing_file_and_folder(given):
    with pytest.raises(
        DatasetError, match=r"small-idx3-ubyte\.gz is missing\. Put the true file there, or unset TAPEGRAD_DATA"
    ):
        load()
    (given / FILE.name).mkdir()
    with pytest.raises(DatasetError, match=r"small-idx3-ubyte\.gz cannot be read: "):
        load()


def test_download_once(cache, server):
    server.answers = {f"/a/{FILE.name}": GOOD}
    np.testing.assert_array_equal(load(server.mirrors), ARRAY)
    np.testing.assert_array_equal(load(server.mirrors), ARRAY)
    assert server.asked == [f"/a/{FILE.name}"]
    assert [path.name for path in cache.iterdir()] == [FILE.name]
    (cache / FILE.name).write_bytes(GOOD[:-20])
    with pytest.raises(DatasetError, match=r"is truncated: .*\. Delete it, and it will be downloaded again\.$"):
        load(server.mirrors)
    (cache / FILE.name).unlink()
    np.testing.assert_array_equal(load(server.mirrors), ARRAY)


def stall(handler):
    """Send half of the file, and then nothing more for longer than the client waits."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(GOOD)))
    handler.end_headers()
    handler.wfile.write(GOOD[: len(GOOD) // 2])
    handler.wfile.flush()
    time.sleep(0.6)


def hang_up(handler):
    """Announce the whole file, send half of it, and close the connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(GOOD)))
    handler.end_headers()
    handler.wfile.write(GOOD[: len(GOOD) // 2])


def without_end(handler):
    """Send for as long as the client listens."""
    handler.send_response(200)
    handler.send_header("Content-Length", "76")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"10000\r\n" + bytes(1 << 16) + b"\r\n")
    except OSError:
        handler.close_connection = True


def nonsense(handler):
    """Answer with what is no HTTP."""
    handler.wfile.write(b"nonsense\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "HTTP Error 404: Not Found"),
        (GOOD[:-20], "is truncated"),
        (gzip.compress(idx(ARRAY[::-1])), "is another file or corrupt: the SHA-256"),
        (b"<html>Please log in</html>", "no gzip file"),
        (stall, "timed out"),
        (hang_up, "truncated|IncompleteRead"),
        (without_end, "is another file: more than 65612 bytes, compressed"),
        (nonsense, "nonsense"),
    ],
    ids=["404", "truncated", "other content", "log-in page", "stalls", "hangs up", "without end", "no http"],
)
def test_mirrors_that_fail(cache, server, monkeypatch, answer, message):
    monkeypatch.setattr(datasets, "_TIMEOUT", 0.2)
    server.answers = {f"/a/{FILE.name}": answer, f"/b/{FILE.name}": GOOD}
    np.testing.assert_array_equal(load(server.mirrors), ARRAY)
    assert server.asked == [f"/a/{FILE.name}", f"/b/{FILE.name}"]
    assert [path.name for path in cache.iterdir()] == [FILE.name]
    (cache / FILE.name).unlink()

    server.answers[f"/b/{FILE.name}"] = answer
    with pytest.raises(DatasetError, match=message) as caught:
        load(server.mirrors)
    first, a, b, last = str(caught.value).splitlines()
    assert first == f"{FILE.name} could not be downloaded to {cache}:"
    assert a.startswith(f"  {server.mirrors[0]}{FILE.name}: ")
    assert b.startswith(f"  {server.mirrors[1]}{FILE.name}: ")
    assert last == "Try again later, or get the file by other means and set TAPEGRAD_DATA to its folder."
    assert list(cache.iterdir()) == []


def test_interrupted_download_leaves_nothing_behind(cache, server, monkeypatch):
    def interrupt(stream, file):
        assert [path.name.startswith(FILE.name + ".") for path in cache.iterdir()] == [True]
        raise KeyboardInterrupt

    monkeypatch.setattr(datasets, "_content", interrupt)
    server.answers = {f"/a/{FILE.name}": GOOD}
    with pytest.raises(KeyboardInterrupt):
        load(server.mirrors)
    assert list(cache.iterdir()) == []


def test_cache_that_cannot_be_made(cache):
    cache.parent.write_text("a file where the folder should be")
    with pytest.raises(
        DatasetError, match=r"small cannot be made: .*\. Set XDG_CACHE_HOME to a folder that can be written\.$"
    ):
        load()


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/var/cache"}, Path("/var/cache/tapegrad")),
        ("linux", {"XDG_CACHE_HOME": "relative"}, Path("~/.cache/tapegrad")),
        ("linux", {}, Path("~/.cache/tapegrad")),
        ("darwin", {}, Path("~/Library/Caches/tapegrad")),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/tapegrad")),
    ],
)
def test_cache_folder(monkeypatch, platform, variables, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(datasets.sys, "platform", platform)
    assert datasets._cache_folder() == expected.expanduser()
