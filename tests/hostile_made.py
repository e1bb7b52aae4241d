"""Hostile files of our own making, one or more of each family, so that no test needs another corpus."""

import io
import struct
import zlib
from dataclasses import dataclass

import pikepdf
from PIL import Image

from tests.pages_fixtures import bare_tiff, dct, drawing, jpeg_bytes, pdf_bytes, tiff_bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A file, and the reasons of which one must meet it; what can be read is held, for want of a separator."""

    content: bytes
    reasons: tuple[str, ...] = ("no-separator",)


CUT = ("truncated-scan",)
BROKEN = ("unreadable-scan",)
NOT_OURS = ("unsupported-format",)
MANY = 20
"""Pages, for which several processes read."""
HOLLOW = 16
"""Bytes of a strip that claims a whole page."""


def families() -> dict[str, Made]:
    """By name."""
    return _cut() | _claims() | _foreign() | _knotted() | _pdfs()


def _cut() -> dict[str, Made]:
    page = drawing()
    png = encoded(page, "PNG")
    tiff = tiff_bytes([page] * 3, "tiff_lzw")
    return {
        "empty.tif": Made(b"", ("empty-file",)),
        "one byte.jpg": Made(b"\xff", NOT_OURS),
        "cut.jpg": Made(jpeg_bytes(page)[:-2000], CUT),
        "cut.png": Made(png[:-400], CUT),
        "cut.tif": Made(tiff[:-100], CUT),
        "cut.pdf": Made(scanned_pdf()[:-700], CUT),
        "a wrong sum.png": Made(png[:-30] + bytes((png[-30] ^ 1,)) + png[-29:], BROKEN),
        "a hole in the middle.tif": Made(tiff.replace(tiff[200:900], bytes(700)), BROKEN),
    }


def _claims() -> dict[str, Made]:
    """More pixels, values or bytes than a file has."""
    return {
        "a bomb.png": Made(claiming_png(40_000, 40_000), ("too-many-pixels",)),
        "claims a field.tif": Made(claiming_tiff(500_000, 500_000), ("too-many-pixels",)),
        "claims a wall.tif": Made(claiming_tiff(15_000, 15_000), ("unreadable-scan", "decoder-too-big")),
        "no width.tif": Made(claiming_tiff(0, 100), BROKEN),
        "values without end.tif": Made(directories_of_values(), BROKEN),
        "a hidden bomb.pdf": Made(swelling_pdf(), (*BROKEN, "decoder-too-big", "decoder-too-slow", "decoder-crashed")),
    }


def _foreign() -> dict[str, Made]:
    frames = [drawing(), drawing((320, 448), "L").rotate(180)]
    return {
        "a text.tif": Made(b"Compte rendu\n", NOT_OURS),
        "a page.pdf": Made(b"<html><script>alert(1)</script></html>", NOT_OURS),
        "a program.pdf": Made(b"%!PS\n(%pipe%id) (r) file pop\n", NOT_OURS),
        "a drawing.png": Made(b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///x"/></svg>', NOT_OURS),
        "moving.png": Made(encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]), NOT_OURS),
        "moving.gif": Made(encoded(frames[0], "GIF"), NOT_OURS),
    }


def _knotted() -> dict[str, Made]:
    """Structures that lead back to themselves, or nowhere."""
    entries = [(256, 4, 1, 10), (257, 4, 1, 10), (273, 4, 1, 8), (279, 4, 1, 4)]
    return {
        "a loop.tif": Made(bare_tiff(entries, b"abcd", following=12), BROKEN),
        "nowhere.tif": Made(bare_tiff(entries, b"abcd", following=1 << 30), CUT),
        "drawn for ever.pdf": Made(drawn_for_ever(), ("decoder-too-slow",)),
        "forms within forms.pdf": Made(forms_within_forms(10, 12), ("decoder-too-slow", "decoder-too-big")),
        "swells on each page.pdf": Made(
            repeated(forms_within_forms(10, 12), MANY), ("decoder-too-slow", "decoder-too-big")
        ),
        "each page for ever.pdf": Made(repeated(drawn_for_ever(), MANY), ("decoder-too-slow",)),
        "a form in itself.pdf": Made(form_in_itself(), ("no-separator", "decoder-too-slow")),
    }


def _pdfs() -> dict[str, Made]:
    return {
        "no page.pdf": Made(saved(pikepdf.new()), ("no-pages",)),
        "locked.pdf": Made(locked("secret"), ("encrypted-pdf",)),
        "signed off.pdf": Made(locked("")),
        "active.pdf": Made(active_pdf()),
        "as a picture.jpg": Made(scanned_pdf()),
    }


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    with io.BytesIO() as target:
        image.save(target, kind, **settings)
        return target.getvalue()


def saved(document: pikepdf.Pdf, **settings: object) -> bytes:
    with document, io.BytesIO() as target:
        document.save(target, **settings)  # type: ignore[arg-type]  # pikepdf's own keywords
        return target.getvalue()


def scanned_pdf(size: tuple[int, int] = (320, 448)) -> bytes:
    return pdf_bytes(*dct(drawing(size)))


def claiming_png(width: int, height: int) -> bytes:
    """A whole PNG, its sums right, of one bit a pixel, and next to no data."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    )
    packed = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def claiming_tiff(width: int, height: int) -> bytes:
    """A deflated RGB page whose strip is no page."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 2)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, HOLLOW)]
    return bare_tiff(entries, b"x" * HOLLOW)


def directories_of_values(pages: int = 40) -> bytes:
    """A chain of directories, each of which has every strip's place over the same megabyte."""
    body = bytes(1 << 20)
    blob, start = b"II*\0" + struct.pack("<I", 8 + len(body)) + body, 8 + len(body)
    for page in range(pages):
        entries = [(256, 4, 1, 100), (257, 4, 1, 100), (273, 4, 1 << 18, 8), (279, 4, 1 << 18, 8)]
        packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        start += 2 + len(packed) + 4
        blob += struct.pack("<H", len(entries)) + packed + struct.pack("<I", start if page < pages - 1 else 0)
    return blob


def swelling_pdf() -> bytes:
    """Two gibibytes of blanks as the content of a page, in two megabytes."""
    with pikepdf.open(io.BytesIO(scanned_pdf())) as document:
        stream, blanks = zlib.compressobj(9), b" " * (1 << 24)
        first, again = (stream.compress(blanks) + stream.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
        swollen = first + again * 126 + stream.flush()
        document.pages[0].obj.Contents = document.make_stream(b"")
        document.pages[0].obj.Contents.write(swollen, filter=pikepdf.Name.FlateDecode)
        return saved(document, compress_streams=False)


def repeated(content: bytes, pages: int) -> bytes:
    """A PDF's first page so many times, each an object of its own."""
    with pikepdf.open(io.BytesIO(content)) as document:
        for _ in range(pages - 1):
            document.pages.append(document.pages[0])
        return saved(document)


def drawn_for_ever(steps: int = 100_000) -> bytes:
    """A page shaded point by point, each by a function of so many steps: hours, and next to no memory."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    colour = {"/FunctionType": 4, "/Domain": [0, 1, 0, 1], "/Range": [0, 1] * 3}
    shading = pikepdf.Dictionary(
        ShadingType=1,
        ColorSpace=pikepdf.Name.DeviceRGB,
        Matrix=[595, 0, 0, 842, 0, 0],
        Function=document.make_stream(b"{ " + b"sin cos " * steps + b"add dup dup }", colour),
    )
    page.obj.Resources = pikepdf.Dictionary(Shading=pikepdf.Dictionary(S=document.make_indirect(shading)))
    page.obj.Contents = document.make_stream(b"/S sh")
    return saved(document)


def forms_within_forms(fan: int, depth: int) -> bytes:
    """A page whose drawing asks for `fan` to the power of `depth` strokes, each of which takes memory."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    form = document.make_stream(b"0 0 m 1 1 l S", {"/Type": pikepdf.Name.XObject})
    for _ in range(depth + 1):
        form.Subtype, form.BBox = pikepdf.Name.Form, pikepdf.Array([0, 0, 595, 842])
        outer = document.make_stream(b"/F Do " * fan, {"/Type": pikepdf.Name.XObject})
        outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        form = outer
    document.pages[0].obj.Resources = form.Resources
    document.pages[0].obj.Contents = document.make_stream(b"/F Do")
    return saved(document)


def form_in_itself() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    form = document.make_stream(b"100 100 200 200 re f /F Do", {"/Type": pikepdf.Name.XObject})
    form.Subtype, form.BBox = pikepdf.Name.Form, pikepdf.Array([0, 0, 595, 842])
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    page.obj.Resources = form.Resources
    page.obj.Contents = document.make_stream(b"/F Do")
    return saved(document)


def locked(password: str) -> bytes:
    with pikepdf.open(io.BytesIO(scanned_pdf((330, 450)))) as document:
        return saved(document, encryption=pikepdf.Encryption(owner="master", user=password))


MISLEADING = "NOM INVENTE Autre patient 1 85 05 75"
"""What the hidden text and the attachment of `active_pdf` say."""


def active_pdf() -> bytes:
    """A scanned page with all that a PDF may do besides: a script, a launch, an attachment, a hidden text."""
    with pikepdf.open(io.BytesIO(scanned_pdf((340, 460)))) as document:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.launchURL('http://x.invalid')"))
        document.Root.OpenAction = document.make_indirect(script)
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("/bin/sh"))
        document.pages[0].obj.AA = pikepdf.Dictionary(O=launch)
        document.attachments["annexe.exe"] = MISLEADING.encode()
        hidden = f"BT /F1 9 Tf 3 Tr 10 10 Td ({MISLEADING}) Tj ET".encode()
        document.pages[0].contents_add(hidden)
        return saved(document)


NAMES = (
    b"new\nline.jpg",
    b"-rf.jpg",
    b" spaces at the ends .jpg ",
    b"tab\tquote'\"$(id)`id`;&|.jpg",
    b"latin1_\xe9t\xe9.jpg",
    "\u202efdp.exe.jpg".encode(),
    "e\u0301te\u0301.jpg".encode(),
    b"\x1b[31mred\x07.jpg",
    b"%s%n{0}.jpg",
    b"CON.jpg",
    b"a" * 250 + b".jpg",
    b"MARTIN_Invente_1850575991108.jpg",
)
"""Names that are the test."""


def named() -> dict[bytes, bytes]:
    """A readable page under each of the names, no two alike."""
    return {name: jpeg_bytes(drawing((320 + number, 448))) for number, name in enumerate(NAMES)}
