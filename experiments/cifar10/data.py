"""CIFAR-10 as arrays: the official binary records, read from the archive or from a folder, or synthetic
images.
"""

import hashlib
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments import paths
from experiments.cifar10 import CLASSES
from experiments.cifar10.synthetic import synthetic_images

RECORD = 1 + 3 * 32 * 32  # one label byte, then the red, green and blue planes
TRAIN_FILES = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST_FILE = "test_batch.bin"
ARCHIVE = "cifar-10-binary.tar.gz"
FOLDER = "cifar-10-batches-bin"


@dataclass(frozen=True)
class Images:
    """Train and test images, uint8 [N, 3, 32, 32], with their classes, uint8 [N], and what they are.

    source: one phrase that every curve and table shows. digest: of every byte, so that a resumed run sees the
    same.
    """

    train: np.ndarray
    train_classes: np.ndarray
    test: np.ndarray
    test_classes: np.ndarray
    source: str

    @property
    def digest(self) -> str:
        """Returns 32 hexadecimal digits that depend on every pixel and label."""
        found = hashlib.blake2b(digest_size=16)
        for array in (self.train, self.train_classes, self.test, self.test_classes):
            found.update(np.ascontiguousarray(array).data)
        return found.hexdigest()


def load(
    kind: str, train_images: int, test_images: int, data_seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Images:  # fmt: skip
    """Returns the first so many train and test images of the `synthetic` or the `cifar10` set.

    progress(done, total) is called with the bytes of a download. Raises OSError or ValueError with a
    sentence.
    """
    if kind == "synthetic":
        train, train_classes = synthetic_images(train_images, data_seed, part=0)
        test, test_classes = synthetic_images(test_images, data_seed, part=1)
        return Images(train, train_classes, test, test_classes, f"synthetic images (seed {data_seed})")
    place = find_or_fetch(progress)
    train, train_classes = read(place, TRAIN_FILES, train_images)
    test, test_classes = read(place, (TEST_FILE,), test_images)
    return Images(train, train_classes, test, test_classes, f"CIFAR-10 ({_described(place)})")


def find(folder: Path | None = None) -> Path | None:
    """Returns the archive or the folder of .bin files in the data folder, None where neither is there."""
    home = folder or paths.data_folder() / "cifar10"
    for place in (home / FOLDER, home, home / ARCHIVE):
        if (place / TEST_FILE).is_file() or (place.name == ARCHIVE and place.is_file()):
            return place
    return None


def find_or_fetch(progress: Callable[[int, int], None] | None = None) -> Path:
    """Returns where the data is, after fetching the official archive once where it is not there yet."""
    place = find()
    if place is None:
        from experiments.cifar10.download import fetch_archive

        place = fetch_archive(paths.data_folder() / "cifar10" / ARCHIVE, progress)
    return place


def read(place: Path, names: tuple[str, ...], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first `count` images, uint8 [count, 3, 32, 32], and their classes, uint8 [count], of the
    named files.

    place: the tar archive, read member by member without unpacking, or a folder. Raises ValueError where a
    file is missing, is not whole records, holds a label above 9, or where there are fewer images than asked
    for.
    """
    parts, have = [], 0
    chunks = _from_tar(place, names) if place.is_file() else _from_folder(place, names)
    for name, content in chunks:
        parts.append(_records(place / name, content)[: count - have])
        have += len(parts[-1])
        if have == count:
            break
    if have < count:
        raise ValueError(f"{place} holds {have} images in {', '.join(names)}, {count} were asked for.")
    records = np.concatenate(parts)
    return np.ascontiguousarray(records[:, 1:]).reshape(-1, 3, 32, 32), records[:, 0].copy()


def _records(path: Path, content: bytes) -> np.ndarray:
    if not content or len(content) % RECORD:
        raise ValueError(f"{path} takes whole records of {RECORD} bytes, got {len(content)} bytes.")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    if records[:, 0].max() >= len(CLASSES):
        raise ValueError(f"{path} takes labels from 0 to 9, got {records[:, 0].max()}.")
    return records


def _from_folder(place: Path, names: tuple[str, ...]):
    for name in names:
        try:
            yield name, (place / name).read_bytes()
        except FileNotFoundError as error:
            raise ValueError(f"{place} has no file {name}.") from error


def _from_tar(place: Path, names: tuple[str, ...]):
    """Yields (name, bytes) in the order of `names`; the archive keeps its members in an order of its own."""
    found: dict[str, bytes] = {}
    wanted = list(names)
    try:
        with tarfile.open(place, "r|gz") as archive:
            for member in archive:
                name = member.name.rsplit("/", 1)[-1]
                if name in names and (file := archive.extractfile(member)) is not None:
                    found[name] = file.read()
                while wanted and wanted[0] in found:
                    yield wanted[0], found.pop(wanted.pop(0))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError(
            f"{place} cannot be read as the CIFAR-10 archive ({error}); delete it to fetch it again."
        ) from error
    if wanted:
        raise ValueError(f"{place} has no file {wanted[0]}.")


def _described(place: Path) -> str:
    from experiments.cifar10.download import is_official

    return (
        "official archive"
        if is_official(place)
        else f"files in {place.name}, not checked against the official ones"
    )
