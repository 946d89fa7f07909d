"""Files that people send along: what they are by their content, and pictures without what they tell besides.

A picture is decoded and written afresh, so that the place and time it was taken, its comments, and whatever
hides behind its last byte stay out of mail. Every other file is passed on byte by byte and rendered nowhere.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from io import BytesIO

import puremagic
from PIL import Image, ImageOps

from deflector.model import Attachment

MOST_FILES = 5
MOST_BYTES = 10 * 1024 * 1024  # together, as sent and as passed on: mail servers take little more
MOST_PIXELS = 50_000_000  # of one picture, all its frames together
MOST_PIXELS_TOGETHER = 100_000_000
LONGEST_NAME = 80

# What Pillow opens → what it is written as.
PICTURES = {
    "JPEG": ("JPEG", "image/jpeg", ".jpg"),
    "MPO": ("JPEG", "image/jpeg", ".jpg"),  # several pictures in one, from phones: the first
    "PNG": ("PNG", "image/png", ".png"),
    "GIF": ("GIF", "image/gif", ".gif"),
    "WEBP": ("WEBP", "image/webp", ".webp"),
    "BMP": ("PNG", "image/png", ".png"),
    "TIFF": ("TIFF", "image/tiff", ".tiff"),
}
OPENED = [form for form in PICTURES if form != "MPO"]  # which Pillow opens as a JPEG
ENDINGS = {"JPEG": (".jpg", ".jpeg"), "TIFF": (".tif", ".tiff")}
MOVING = ("GIF", "WEBP", "PNG", "TIFF")
# What a picture must keep of its notes to look the same; the rest is dropped.
NEEDED = ("transparency", "duration", "loop", "disposal", "blend", "background")
# Untouched, these would carry what a picture tells besides; what cannot be decoded is refused.
TELLING = {f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "tiff", "heic", "heif", "avif", "jp2")}
# What may be named in a mail; whatever else it is, it is a string of bytes (RFC 2046, 4.5.1).
NAMED = {
    "application/x-gzip",
    "application/msword",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/x-7z-compressed",
    "application/zip",
    "audio/mpeg",
    "audio/ogg",
    "video/mp4",
    "video/quicktime",
    "video/webm",
}
BYTES = "application/octet-stream"

# A large picture takes 200 MB while it is open: two at a time in one process.
_decoding = threading.BoundedSemaphore(2)


class UnfitFile(Exception):
    """Says why a file is not taken: `problem` is the key of the sentence in `web/strings`."""

    def __init__(self, problem: str, name: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.name = name


def accept(files: Iterable[tuple[str, bytes]]) -> tuple[Attachment, ...]:
    """Check what a person sends along, as (name, content), and make it fit to be passed on.

    Raises `UnfitFile`.
    """
    sent = [(name, content) for name, content in files if name or content]
    _check(len(sent), sum(len(content) for _, content in sent))
    pixels = MOST_PIXELS_TOGETHER
    accepted = []
    for name, content in sent:
        attachment, used = _accepted(safe_name(name), content, pixels)
        pixels -= used
        accepted.append(attachment)
    fit_together(accepted)
    return tuple(accepted)


def fit_together(attachments: Sequence[Attachment]) -> None:
    """Raise `UnfitFile` where files are too many or too large to be passed on with one message."""
    _check(len(attachments), sum(attachment.size for attachment in attachments))


def _check(files: int, size: int) -> None:
    if files > MOST_FILES:
        raise UnfitFile("problem_files_many")
    if size > MOST_BYTES:
        raise UnfitFile("problem_files_large")


def safe_name(name: str) -> str:
    """Reduce a file name to one without folders, quotes or characters that nobody sees."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c if c.isalnum() or c in " ._-()+" else "_" for c in last if _is_visible(c))
    stem, dot, ending = " ".join(kept.split()).strip(" ._").rpartition(".")
    if not stem:
        stem, dot, ending = ending, "", ""
    ending = ending[:10]
    return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip(' .')}{dot}{ending}" or "file"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _accepted(name: str, content: bytes, pixels: int) -> tuple[Attachment, int]:
    """Return the file as it is passed on, and how many pixels were unpacked for it."""
    if not content:
        raise UnfitFile("problem_file_empty", name)
    try:
        picture = Image.open(BytesIO(content), formats=OPENED)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitFile("problem_file_pixels", name) from None
    except Exception:
        # No picture that we know, or one so broken that Pillow raised whatever came to hand.
        media_type = sniff(content, name)
        if media_type in TELLING:
            raise UnfitFile("problem_file_picture", name) from None
        return Attachment(name=name, media_type=media_type, content=content), 0
    with _decoding, picture:
        return _redrawn(name, picture, pixels)


def _redrawn(name: str, picture: Image.Image, pixels: int) -> tuple[Attachment, int]:
    written_as, media_type, ending = PICTURES[picture.format or ""]
    try:
        frames, used = _frames(picture, min(pixels, MOST_PIXELS), all_of_them=written_as in MOVING)
        content = _written(frames, written_as)
    except UnfitFile as exc:
        raise UnfitFile(exc.problem, name) from None
    except Exception:  # Pillow raises anything on odd input (SyntaxError, struct.error, OSError …)
        raise UnfitFile("problem_file_picture", name) from None
    if not name.lower().endswith(ENDINGS.get(written_as, (ending,))):
        stem = name.rpartition(".")[0] or name
        name = f"{stem}{ending}"
    return Attachment(name=name, media_type=media_type, content=content), used


def _frames(picture: Image.Image, pixels: int, *, all_of_them: bool) -> tuple[list[Image.Image], int]:
    """Take out the frames, upright and without notes. Raises `UnfitFile` for too many pixels."""
    frames: list[Image.Image] = []
    used = 0
    while True:
        used += picture.width * picture.height  # known before anything is unpacked
        if used > pixels:
            raise UnfitFile("problem_file_pixels")
        frame = picture.copy()
        ImageOps.exif_transpose(frame, in_place=True)
        frame.info = {key: value for key, value in frame.info.items() if key in NEEDED}
        frames.append(frame)
        try:
            if not all_of_them:
                break
            picture.seek(len(frames))
        except EOFError:
            break
    return frames, used


def _written(frames: list[Image.Image], written_as: str) -> bytes:
    first, others = frames[0], frames[1:]
    out = BytesIO()
    if written_as == "JPEG":
        flat = first if first.mode in ("L", "RGB") else first.convert("RGB")
        flat.save(out, "JPEG", quality=85)
    elif others:
        durations = [frame.info.get("duration", 100) for frame in frames]
        more = {} if written_as == "TIFF" else {"duration": durations, "loop": first.info.get("loop", 0)}
        first.save(out, written_as, save_all=True, append_images=others, **more)
    else:
        first.save(out, written_as)
    return out.getvalue()


def sniff(content: bytes, name: str = "") -> str:
    """Tell the media type from the content; what is neither known nor plain text is bytes.

    The name decides only between types that begin alike, such as a document and any other archive.
    """
    if _is_text(content):
        return "text/plain"
    try:
        guesses = puremagic.magic_string(content, filename=name)
    except (puremagic.PureError, ValueError):
        return BYTES
    surest = max(guess.confidence for guess in guesses)
    likely = {guess.mime_type for guess in guesses if guess.confidence == surest}
    known = likely & (NAMED | TELLING)
    if len(known) > 1:
        known = {"application/zip"} & {guess.mime_type for guess in guesses}
    return next(iter(known), BYTES).replace("application/x-gzip", "application/gzip")


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not re.search("[\0-\x08\x0e-\x1a\x1c-\x1f]", text)
