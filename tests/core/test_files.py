"""Files are written whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
import time

import numpy as np
import pytest

import autograd
from autograd.errors import FileError, NoFolderError
from autograd.files import clear_parts, replacing, write_file

THOROUGH = bool(os.environ.get("TAPEGRAD_THOROUGH"))
KILLS = 200 if THOROUGH else 6
SAVES = {
    "bytes": """
from autograd.files import write_file
def save(i): write_file(path, bytes([i % 256]) * 3_000_000)
""",
    "weights": """
import numpy as np
from autograd.files import replacing
def save(i):
    with replacing(path) as file:
        np.savez(file, np.full(400_000, i), np.full(100, i))
""",
}


def is_whole(name, path):
    if name == "bytes":
        content = path.read_bytes()
        return len(content) == 3_000_000 and len(set(content)) == 1
    with np.load(path) as found:
        return len({*np.unique(found["arr_0"]), *np.unique(found["arr_1"])}) == 1


@pytest.mark.parametrize("name", SAVES)
def test_killed_runs_leave_whole_files(name, tmp_path):
    path = tmp_path / "saved.bin"
    loop = (
        f"path = {str(path)!r}\n{SAVES[name]}\ni = 0\nwhile True:\n    save(i)\n    i += 1\n    print(i, flush=True)\n"
    )
    rng = np.random.default_rng(0)
    for _ in range(KILLS):
        child = subprocess.Popen([sys.executable, "-c", loop], stdout=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(rng.uniform(0, 0.05))
        child.kill()
        child.wait()
        child.stdout.close()
        assert is_whole(name, path)
    # The parts that they left are cleared by the next run that writes there, once they are old.
    for each in tmp_path.glob("*.part"):
        os.utime(each, (0, 0))
    write_file(path, b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["saved.bin"]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "saved.bin"
    path.write_bytes(b"old")

    def full(number):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"saved\.bin cannot be written: No space left on device\. The old content"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["saved.bin"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_device_that_is_full_is_named():
    with pytest.raises(FileError, match="/dev/full cannot be written: No space left on device"):
        write_file("/dev/full", b"x" * 100_000)


def test_an_error_in_the_block_leaves_the_old_file(tmp_path):
    path = tmp_path / "saved.bin"
    path.write_bytes(b"old")
    for error in (KeyboardInterrupt, ZeroDivisionError):
        with pytest.raises(error), replacing(path) as file:  # noqa: PT012 - the block is what is tested
            file.write(b"new")
            raise error
        assert path.read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_permissions(tmp_path):
    path = tmp_path / "saved.bin"
    before = os.umask(0o027)
    try:
        write_file(path, b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o600)
        write_file(path, b"2")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_links_names_and_folders(tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.bin"
    link.symlink_to(tmp_path / "there" / "real.bin")
    write_file(link, b"1")
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.bin").read_bytes() == b"1"
    write_file(tmp_path / ("n" * 255), b"2")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"2"
    monkeypatch.chdir(tmp_path)
    write_file("near.bin", b"3")
    assert (tmp_path / "near.bin").read_bytes() == b"3"
    with pytest.raises(NoFolderError, match=r"missing.*cannot be written"):
        write_file(tmp_path / "missing" / "x", b"")
    with pytest.raises(FileError, match="there cannot be written"):
        write_file(tmp_path / "there", b"")


def test_only_old_parts_are_cleared(tmp_path):
    kept = [tmp_path / "mine.part", tmp_path / "x.0123456789abcdef.part"]
    old = tmp_path / "y.0123456789abcdef.part"
    for each in (*kept, old):
        each.write_bytes(b"")
    for each in (kept[0], old):
        os.utime(each, (0, 0))
    clear_parts(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_constants_of_another_module_are_refused(tmp_path):
    """A run that is killed between the two files leaves an old module beside new constants."""
    x = np.arange(3000.0)
    exports = []
    for factor in (2.0, 3.0):
        constant = np.full(3000, factor)
        autograd.compile(lambda x, constant=constant: x * constant).export(tmp_path / "m.py", x)
        exports.append((tmp_path / "m.py").read_text())
    names = {"__file__": str(tmp_path / "m.py")}
    exec(exports[1], names)
    assert names["program"](x).tolist() == (x * 3.0).tolist()
    with pytest.raises(ValueError, match=r"m\.npz belongs to another module: export the two again"):
        exec(exports[0], names)
