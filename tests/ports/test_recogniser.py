"""Text recognition with the real models, on as few pages as tell: each takes seconds."""

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from functions.ml.adapters.rapid_ocr import RapidOcr
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.readers.picture import draw
from functions.ml.ingestion.recognised_text import page_blocks
from functions.ml.ports import Recogniser
from functions.ml.recognised import PagePicture, RecognisedPage
from shared.kernel.errors import Invalid, Unavailable
from tests.fakes.recognition import TextRecogniser

SCAN = Path(__file__).parents[1] / "data" / "documents" / "scan.png"
TEXT = "Docling bundles PDF document conversion to JSON and Markdown in an easy self contained package"


@pytest.fixture(scope="module")
def engine() -> RapidOcr:
    return RapidOcr()


def page(turned: int = 0) -> PagePicture:
    """Return the scan, turned counter-clockwise so that it must be turned clockwise by as many degrees."""
    image = draw(SCAN, ParserLimits(), 1).rotate(turned, expand=True)
    return PagePicture(image.width, image.height, image.tobytes())


def text(read: RecognisedPage) -> str:
    return " ".join(block.text for block in page_blocks(read, 1))


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_is_read_in_order_whichever_way_it_is_turned(engine: RapidOcr, turned: int) -> None:
    read = engine(page(turned))
    assert read.turned == turned
    assert text(read) == TEXT


@pytest.mark.parametrize("turned", [0, 90])
def test_boxes_hold_the_writing_of_the_page_as_it_is(engine: RapidOcr, turned: int) -> None:
    picture = page(turned)
    pixels = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3).min(axis=2)
    left = pixels.copy()
    lines = engine(picture).lines
    assert sum((line.right - line.left) * (line.bottom - line.top) for line in lines) < 0.8
    for line in lines:
        assert 0 <= line.left < line.right <= 1
        assert 0 <= line.top < line.bottom <= 1
        across = slice(int(line.left * picture.width), int(line.right * picture.width) + 1)
        down = slice(int(line.top * picture.height), int(line.bottom * picture.height) + 1)
        left[down, across] = 255
    assert (left < 100).sum() < 0.02 * (pixels < 100).sum()


def test_a_page_without_writing_gives_no_lines(engine: RapidOcr) -> None:
    blank = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(blank).line((10, 10, 390, 290), fill="black", width=3)
    assert text(engine(PagePicture(400, 300, blank.tobytes()))) == ""


@pytest.fixture(params=["memory", "rapidocr"])
def recogniser(request: pytest.FixtureRequest, engine: RapidOcr) -> Recogniser:
    return engine if request.param == "rapidocr" else TextRecogniser()


def test_the_same_page_gives_the_same_text(recogniser: Recogniser) -> None:
    picture = page() if isinstance(recogniser, RapidOcr) else PagePicture(3, 1, b"One")
    first = recogniser(picture)
    assert first == recogniser(picture)
    assert all(0 <= line.confidence <= 1 for line in first.lines)
    assert recogniser.name == TextRecogniser().name


def test_a_model_that_breaks_down_over_a_page_refuses_the_page() -> None:
    engine = RapidOcr()
    engine._engine = lambda *_, **__: 1 / 0
    with pytest.raises(Invalid) as caught:
        engine(page())
    assert caught.value.code == "page_unrecognisable"


def test_where_the_models_are_not_installed_pages_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "rapidocr":
            raise ModuleNotFoundError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Unavailable) as caught:
        RapidOcr()(page())
    assert caught.value.code == "recogniser_unavailable"
