"""Files that people send along: pictures lose what they tell besides, everything else stays as it is."""

import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from deflector.tickets.uploads import MOST_BYTES, MOST_PIXELS, UnfitFile, accept, safe_name, sniff

SECRET = b"zebra-quartz-417"


def picture(form: str = "PNG", *, size: tuple[int, int] = (64, 48), **notes: object) -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, form, **notes)
    return out.getvalue()


def told() -> dict[str, bytes]:
    """Make pictures that say where and by whom they were taken."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # ImageDescription
    exif.get_ifd(0x8825)[1] = "N"  # GPSInfo
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET.decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return {
        "JPEG": picture("JPEG", exif=exif, comment=SECRET, icc_profile=SECRET * 20, xmp=SECRET),
        "PNG": picture("PNG", pnginfo=text, exif=exif, icc_profile=SECRET * 20),
        "GIF": picture("GIF", comment=SECRET),
        "WEBP": picture("WEBP", exif=exif, icc_profile=SECRET * 20, xmp=SECRET),
        "TIFF": picture("TIFF", description=SECRET.decode(), software=SECRET.decode()),
    }


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "TIFF"])
def test_a_picture_is_passed_on_without_what_it_tells_besides(form: str) -> None:
    before = told()[form]
    # Some notes are packed, so the pieces of a picture are counted by what Pillow finds in it as well.
    assert SECRET in before or zlib.compress(SECRET * 20) in before

    (after,) = accept([("photo", before)])

    opened = Image.open(BytesIO(after.content))
    assert after.media_type == f"image/{form.lower()}"
    assert opened.format == form
    assert opened.size == (64, 48)
    assert SECRET not in after.content
    assert not set(opened.info) & {"exif", "xmp", "icc_profile", "comment", "Author", "XML:com.adobe.xmp"}
    assert not opened.getexif().get_ifd(0x8825)


def test_a_picture_that_lies_on_its_side_is_put_upright_before_the_note_about_it_goes() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter

    (after,) = accept([("phone.jpg", picture("JPEG", exif=exif))])

    assert Image.open(BytesIO(after.content)).size == (48, 64)


def test_a_moving_picture_keeps_its_frames() -> None:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0)

    (after,) = accept([("screen.gif", out.getvalue())])

    opened = Image.open(BytesIO(after.content))
    assert getattr(opened, "n_frames", 1) == 3
    assert opened.info["duration"] == 70


def test_what_hides_behind_a_picture_does_not_come_along() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("run.js", SECRET)
    polyglots = {
        "zip": picture("PNG") + archive.getvalue(),
        "html": picture("GIF") + b"<script>alert('" + SECRET + b"')</script>",
        "pdf": picture("JPEG") + b"%PDF-1.7\n" + SECRET,
    }

    for name, content in polyglots.items():
        (after,) = accept([(f"harmless.{name}", content)])
        assert SECRET not in after.content
        assert after.media_type.startswith("image/")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF", "application/pdf"),
        ("Crash at 0x417\nÜber".encode(), "text/plain"),
        (b"<html><script>alert(1)</script></html>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "text/plain"),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", "application/octet-stream"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 60, "application/octet-stream"),
        (random.Random(417).randbytes(5000), "application/octet-stream"),
        (b"\0", "application/octet-stream"),
        (b"\x1f\x8b\x08\0" + b"\0" * 20, "application/gzip"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + b"\0" * 40, "video/mp4"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_other_file_is_passed_on_untouched_under_what_its_content_is(
    content: bytes, media_type: str
) -> None:
    (after,) = accept([("photo.jpg", content)])

    assert after.content == content
    assert after.media_type == media_type
    assert after.name == "photo.jpg"


def test_an_archive_is_told_from_a_document() -> None:
    def packed(*names: str) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name in names:
                file.writestr(name, "x")
        return out.getvalue()

    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert sniff(packed("log.txt"), "logs.zip") == "application/zip"
    assert sniff(packed("log.txt"), "logs.jpg") == "application/zip"
    assert sniff(packed("[Content_Types].xml", "word/document.xml"), "letter.docx") == word
    assert sniff(b"MZ" + b"\0" * 50, "letter.docx") == "application/octet-stream"


def header_of_a_bomb() -> bytes:
    """Write a PNG of 67 bytes that says it has 40,000 × 40,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def many_frames() -> bytes:
    """Write a small TIFF of pages that are each fit, with more pixels in all than anybody looks at."""
    side = 5000
    pages = [Image.new("1", (side, side)) for _ in range(MOST_PIXELS // side**2 + 1)]
    out = BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    return out.getvalue()


def large(side: int = 7_100) -> bytes:
    out = BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (header_of_a_bomb, "problem_file_pixels"),
        (many_frames, "problem_file_pixels"),
        (large, "problem_file_pixels"),
        (lambda: picture("JPEG")[:-200], "problem_file_picture"),
        (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "problem_file_picture"),
        (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF" + b"%PDF-1.7" * 10, "problem_file_picture"),
        (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 50, "problem_file_picture"),
        (lambda: b"", "problem_file_empty"),
    ],
    ids=["bomb", "frames", "pixels", "cut off", "no picture", "pdf as jpeg", "heic", "empty"],
)
def test_a_picture_that_cannot_be_redrawn_is_refused_with_a_sentence(
    content: Callable[[], bytes], problem: str
) -> None:
    sent = content()
    assert len(sent) < 2_000_000

    with pytest.raises(UnfitFile) as caught:
        accept([("holiday.png", sent)])

    assert caught.value.problem == problem
    assert caught.value.name == "holiday.png"


def test_five_files_and_ten_megabytes_are_the_most() -> None:
    assert len(accept([(f"{at}.txt", b"x") for at in range(5)])) == 5
    with pytest.raises(UnfitFile, match="problem_files_many"):
        accept([(f"{at}.txt", b"x") for at in range(6)])
    half = b"\0" * (MOST_BYTES // 2)
    assert len(accept([("a", half), ("b", half)])) == 2
    with pytest.raises(UnfitFile, match="problem_files_large"):
        accept([("a", half), ("b", half), ("c", b"x")])


def test_a_field_without_a_file_is_no_file() -> None:
    assert accept([("", b"")]) == ()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ada\\screen shot.png", "screen shot.png"),
        ("a\r\nBcc: x@evil.test\r\n.txt", "aBcc_ x_evil.test.txt"),
        ('"quoted"; filename=b.exe', "quoted__ filename_b.exe"),
        ("=?utf-8?B?YQ==?=.png", "utf-8_B_YQ____.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("..", "file"),
        ("", "file"),
        ("\0", "file"),
        (".htaccess", "htaccess"),
        ("captura de pantalla ñ.png", "captura de pantalla ñ.png"),
        ("صورة.jpg", "صورة.jpg"),
        ("x" * 300 + ".png", "x" * 76 + ".png"),
        ("a." + "b" * 300, "a." + "b" * 10),
    ],
)
def test_a_file_name_is_one_that_no_folder_header_or_eye_is_fooled_by(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_a_picture_gets_the_ending_of_what_it_is() -> None:
    assert accept([("report.exe", picture("PNG"))])[0].name == "report.png"
    assert accept([("photo.JPEG", picture("JPEG"))])[0].name == "photo.JPEG"
    assert accept([("scan", picture("TIFF"))])[0].name == "scan.tiff"
