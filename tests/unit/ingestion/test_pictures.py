import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from functions.ml.ingestion.page_drawing import SandboxedPageDrawer
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.recognised import PagePicture
from shared.kernel.errors import Invalid, Rejected, TooLarge

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = DATA / "documents"
PICTURES = sorted(path.name for path in DOCUMENTS.glob("scan*"))
SCAN = DATA / "scans" / "english.pdf"


def darkness(picture: PagePicture) -> float:
    """Return the share of dark pixels."""
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.pixels).convert("L")
    return sum(image.histogram()[:128]) / (picture.width * picture.height)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_pages_without_text(name: str) -> None:
    parsed = SandboxedParser()(DOCUMENTS / name, filename=name)
    assert parsed.blocks == ()
    assert parsed.unread_pages == tuple(range(1, parsed.pages + 1))


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_is_drawn_upright_in_the_sandbox(name: str) -> None:
    drawn = SandboxedPageDrawer()(DOCUMENTS / name, filename=name, page=1)
    assert drawn.width > 3 * drawn.height
    assert 0.02 < darkness(drawn) < 0.4


def test_each_page_of_a_tiff_is_drawn() -> None:
    first, second = (
        SandboxedPageDrawer()(DOCUMENTS / "scan-two-pages.tiff", filename="a.tiff", page=page) for page in (1, 2)
    )
    assert darkness(first) > 0
    assert darkness(second) == 0


def test_a_page_of_a_pdf_is_drawn_at_its_resolution_and_shape() -> None:
    drawn = SandboxedPageDrawer()(SCAN, filename="scan.pdf", page=1)
    assert (drawn.width, drawn.height) == (1241, 1755)
    assert len(drawn.pixels) == drawn.width * drawn.height * 3


def test_a_scanned_pdf_names_its_pages_as_unread() -> None:
    assert SandboxedParser()(SCAN, filename="scan.pdf").unread_pages == (1,)


def test_transparency_is_drawn_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (80, 40), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert darkness(SandboxedPageDrawer()(tmp_path / "clear.png", filename="clear.png", page=1)) == 0


def test_an_animation_is_its_first_picture_and_says_so(tmp_path: Path) -> None:
    frames = [Image.new("L", (20, 20), shade) for shade in (0, 200)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    parsed = parse_file(tmp_path / "a.gif", filename="a.gif", limits=ParserLimits())
    assert (parsed.pages, parsed.warnings) == (1, ("Only the first picture of the animation is read.",))


def test_a_large_picture_is_drawn_smaller(tmp_path: Path) -> None:
    Image.new("L", (6_000, 3_000), 255).save(tmp_path / "large.png")
    drawn = SandboxedPageDrawer()(tmp_path / "large.png", filename="large.png", page=1)
    assert 3_500_000 < drawn.width * drawn.height <= 4_000_000
    assert drawn.width / drawn.height == pytest.approx(2, abs=0.01)


def png(width: int, height: int, data: bytes = b"") -> bytes:
    def piece(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", data) + piece(b"IEND", b"")


@pytest.mark.parametrize("side", [9_200, 9_500, 12_000, 60_000, 2**31 - 1])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_unpacked(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(side, side, zlib.compress(bytes(1_000_000))))
    with pytest.raises(TooLarge) as caught:
        SandboxedParser()(path, filename="bomb.png")
    assert caught.value.code == "too_many_pixels"
    assert "80 million" in caught.value.message


@pytest.mark.parametrize("name", PICTURES)
def test_a_truncated_picture_ends_in_a_typed_refusal_or_in_what_is_left(tmp_path: Path, name: str) -> None:
    whole = (DOCUMENTS / name).read_bytes()
    for share in (0.02, 0.3, 0.9):
        path = tmp_path / name
        path.write_bytes(whole[: int(len(whole) * share)])
        try:
            parsed = parse_file(path, filename=name, limits=ParserLimits())
            for page in parsed.unread_pages:
                SandboxedPageDrawer()(path, filename=name, page=page)
        except Rejected as error:
            assert error.code in ("unreadable", "unsupported_type", "too_many_pixels")  # noqa: PT017


def test_prose_that_begins_like_a_bitmap_is_prose(tmp_path: Path) -> None:
    (tmp_path / "cars.txt").write_text("BMW builds cars.")
    parsed = parse_file(tmp_path / "cars.txt", filename="cars.txt", limits=ParserLimits())
    assert parsed.blocks[0].text == "BMW builds cars."


def test_a_page_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        SandboxedPageDrawer()(SCAN, filename="scan.pdf", page=2)
    assert caught.value.code == "unreadable"
    (tmp_path / "a.txt").write_text("prose")
    with pytest.raises(Invalid):
        SandboxedPageDrawer()(tmp_path / "a.txt", filename="a.txt", page=1)


@pytest.mark.parametrize(("sent", "is_believed"), [("a_page", True), ("half_a_page", False)])
def test_a_drawer_is_believed_only_when_its_pixels_are_as_many_as_it_says(sent: str, is_believed: bool) -> None:
    draw = SandboxedPageDrawer(SandboxedParser(parse=f"tests.unit.ingestion.hostile:{sent}"))
    if is_believed:
        assert draw(SCAN, filename="scan.pdf", page=1) == PagePicture(2, 1, b"abcdef")
        return
    with pytest.raises(Invalid):
        draw(SCAN, filename="scan.pdf", page=1)
