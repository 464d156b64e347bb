"""The data: official records from a folder and from the archive, a download that breaks, synthetic images."""

import hashlib
import http.server
import io
import re
import tarfile
import threading

import numpy as np
import pytest

from experiments.cifar10 import data, download
from experiments.cifar10.synthetic import synthetic_images

NAMES = (*data.TRAIN_FILES, data.TEST_FILE)


@pytest.fixture(scope="module")
def records():
    """Returns each file's records, uint8 [8, 3073], with labels from 0 to 9."""
    rng = np.random.default_rng(0)
    found = {}
    for name in NAMES:
        found[name] = rng.integers(0, 256, (8, data.RECORD), np.uint8)
        found[name][:, 0] %= 10
    return found


@pytest.fixture(scope="module")
def archive(records):
    """Returns the bytes of an archive like the official one, whose members stand in another order."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name in (NAMES[4], NAMES[5], *NAMES[:4]):
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = records[name].size
            tar.addfile(member, io.BytesIO(records[name].tobytes()))
    return raw.getvalue()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Returns the empty data folder's cifar10."""
    monkeypatch.setenv("MTL_DATA", str(tmp_path))
    (tmp_path / "cifar10").mkdir()
    return tmp_path / "cifar10"


def test_folder_and_archive_hold_the_same_images(home, records, archive):
    folder = home / data.FOLDER
    folder.mkdir()
    for name, content in records.items():
        content.tofile(folder / name)
    first = data.load("cifar10", 40, 8)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    (home / data.ARCHIVE).write_bytes(archive)
    second = data.load("cifar10", 40, 8)
    assert first.digest == second.digest
    expected = np.concatenate([records[name] for name in data.TRAIN_FILES])
    assert (first.train == expected[:, 1:].reshape(-1, 3, 32, 32)).all()
    assert (first.train_classes == expected[:, 0]).all()
    assert first.source == "CIFAR-10 (files in cifar-10-batches-bin, not checked against the official ones)"


def test_the_checksum_makes_an_archive_official_and_its_length_does_not(home, archive, monkeypatch):
    (home / data.ARCHIVE).write_bytes(archive)
    monkeypatch.setattr(download, "SIZE", len(archive))
    assert "not checked" in data.load("cifar10", 4, 4).source
    monkeypatch.setattr(download, "MD5", hashlib.md5(archive, usedforsecurity=False).hexdigest())
    assert data.load("cifar10", 4, 4).source == "CIFAR-10 (official archive)"
    (home / data.ARCHIVE).write_bytes(archive + b"\0")
    assert not download.is_official(home / data.ARCHIVE)


def test_fewer_images_are_the_first_ones(home, records, archive):
    (home / data.ARCHIVE).write_bytes(archive)
    some = data.load("cifar10", 20, 4)
    assert (some.train[16:] == records["data_batch_3.bin"][:4, 1:].reshape(-1, 3, 32, 32)).all()
    assert some.test.shape == (4, 3, 32, 32)


def test_what_is_not_the_archive_is_named(home, records, archive):
    path = home / data.ARCHIVE
    path.write_bytes(archive)
    with pytest.raises(ValueError, match=r"holds 40 images in data_batch_1.bin.*41 were asked for"):
        data.load("cifar10", 41, 8)
    path.write_bytes(archive[: len(archive) // 2])
    with pytest.raises(ValueError, match="cannot be read as the CIFAR-10 archive"):
        data.load("cifar10", 40, 8)
    path.unlink()
    folder = home / data.FOLDER
    folder.mkdir()
    for name, content in records.items():
        content.tofile(folder / name)
    (folder / "data_batch_2.bin").write_bytes(b"123")
    with pytest.raises(ValueError, match="takes whole records of 3073 bytes, got 3 bytes"):
        data.load("cifar10", 40, 8)
    bad = records["data_batch_2.bin"].copy()
    bad[0, 0] = 10
    bad.tofile(folder / "data_batch_2.bin")
    with pytest.raises(ValueError, match="labels from 0 to 9, got 10"):
        data.load("cifar10", 40, 8)
    (folder / "data_batch_2.bin").unlink()
    with pytest.raises(ValueError, match="has no file data_batch_2.bin"):
        data.load("cifar10", 40, 8)


class Breaking(http.server.BaseHTTPRequestHandler):
    """Serves one file, breaks off after so many bytes each time, and knows ranges if `ranges`."""

    content = b""
    most = 1 << 30
    ranges = True

    def do_GET(self) -> None:
        """Sends what was asked for, as far as it goes."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked and self.ranges else 0
        self.server.asked.append(start)
        self.send_response(206 if asked and self.ranges else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        self.wfile.write(self.content[start : start + self.most])

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def serve(archive):
    """Returns a function that starts a server on loopback and returns (its address, the list of starts it was
    asked for).
    """
    running = []

    def start(**settings):
        handler = type("Handler", (Breaking,), {"content": archive, **settings})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/cifar-10-binary.tar.gz", server.asked

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def md5(content):
    """Returns the checksum as pooch wants it."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_a_download_goes_on_where_it_broke_off(home, serve, archive):
    address, asked = serve(most=len(archive) // 3)
    seen = []
    path = download.fetch_archive(
        home / data.ARCHIVE, lambda done, total: seen.append((done, total)), address, md5(archive)
    )
    assert path.read_bytes() == archive
    assert asked == sorted(set(asked))
    assert len(asked) >= 3
    assert seen[-1] == (len(archive), len(archive))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert data.load("cifar10", 40, 8).source.startswith("CIFAR-10")


def test_what_an_earlier_try_brought_is_used(home, serve, archive):
    (home / f"{data.ARCHIVE}.part").write_bytes(archive[:1000])
    address, asked = serve()
    download.fetch_archive(home / data.ARCHIVE, None, address, md5(archive))
    assert asked == [1000]


def test_a_server_without_ranges_sends_everything_again(home, serve, archive):
    (home / f"{data.ARCHIVE}.part").write_bytes(b"x" * 1000)
    address, _ = serve(ranges=False)
    assert download.fetch_archive(home / data.ARCHIVE, None, address, md5(archive)).read_bytes() == archive


def test_a_wrong_checksum_is_no_archive(home, serve, archive):
    address, _ = serve()
    with pytest.raises(ValueError, match="hash"):
        download.fetch_archive(home / data.ARCHIVE, None, address, md5(b"something else"))
    assert not (home / data.ARCHIVE).exists()


def test_no_connection_is_said_with_what_is_kept(home, archive):
    (home / f"{data.ARCHIVE}.part").write_bytes(archive[:77])
    with pytest.raises(OSError, match="could not be fetched .* 77 bytes are kept"):
        download.fetch_archive(
            home / data.ARCHIVE, None, "http://127.0.0.1:9/cifar-10-binary.tar.gz", md5(archive)
        )


def test_synthetic_images_come_from_their_seed():
    images, classes = synthetic_images(3000, 0, part=0)
    fewer, fewer_classes = synthetic_images(500, 0, part=0)
    assert (images[:500] == fewer).all()
    assert (classes[:500] == fewer_classes).all()
    assert images.shape == (3000, 3, 32, 32)
    assert images.dtype == np.uint8
    assert np.ptp(np.bincount(classes, minlength=10)) <= 2
    assert not (synthetic_images(500, 1, part=0)[0] == fewer).all()
    assert not (synthetic_images(500, 0, part=1)[0] == fewer).all()


def test_the_digest_depends_on_every_label():
    some = data.load("synthetic", 100, 50)
    changed = data.Images(some.train, np.roll(some.train_classes, 1), some.test, some.test_classes, "")
    assert changed.digest != some.digest
    assert data.load("synthetic", 100, 50).digest == some.digest
