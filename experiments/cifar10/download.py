"""Fetches the official CIFAR-10 binary archive: with progress, going on after a broken connection, checked at
the end.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from experiments import locks

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
SIZE = 170_052_171
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
_ATTEMPTS = 5
_BLOCK = 1 << 18


def fetch_archive(
    target: Path, progress: Callable[[int, int], None] | None = None, url: str = URL, md5: str = MD5
) -> Path:
    """Returns `target` holding the archive whose MD5 is right; bytes that an earlier try brought are kept and
    used.

    Raises OSError where the connection keeps failing, ValueError where what arrived is not the archive.
    """
    import pooch

    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")

    def resume(url: str, output_file: str, pooch: object) -> None:
        _fetch(url, part, progress or (lambda done, total: None))
        os.replace(part, output_file)

    with locks.exclusive(target.with_name(target.name + ".lock")):  # one download, whatever waits for it
        pooch.get_logger().setLevel("WARNING")
        return Path(
            pooch.retrieve(url, f"md5:{md5}", fname=target.name, path=target.parent, downloader=resume)
        )


def is_official(place: Path) -> bool:
    """Returns whether the file is the official archive: its length first, then the checksum of every byte."""
    if not place.is_file() or place.stat().st_size != SIZE:
        return False
    with place.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == MD5


def _fetch(url: str, part: Path, progress: Callable[[int, int], None]) -> None:
    """Writes the file at `url` to `part`, asking only for the bytes that are not there yet, a few times if
    need be.
    """
    import requests
    import urllib3

    broken = (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError)
    failures = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            return _continue(url, part, before, progress)
        except broken as error:
            moved = part.exists() and part.stat().st_size > before
            failures = 0 if moved else failures + 1
            if failures == _ATTEMPTS:
                have = part.stat().st_size if part.exists() else 0
                raise OSError(
                    f"{url} could not be fetched ({type(error).__name__}); {have} bytes are kept "
                    "and the next try goes on "
                    f"from there. A folder of .bin files in {part.parent} works too."
                ) from error


def _continue(url: str, part: Path, have: int, progress: Callable[[int, int], None]) -> None:
    import requests

    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=30) as answer:
        if answer.status_code == 416:  # nothing is left to ask for; the checksum decides
            return
        answer.raise_for_status()
        if answer.status_code != 206:  # the server sends the whole file again
            have = 0
        total = have + int(answer.headers.get("Content-Length", 0))
        with part.open("ab" if have else "wb") as file:
            while block := answer.raw.read1(
                _BLOCK
            ):  # what is here by now: nothing is lost when the rest never comes
                file.write(block)
                have += len(block)
                progress(have, total)
    if have < total:
        raise requests.ConnectionError(f"{have} of {total} bytes arrived")
