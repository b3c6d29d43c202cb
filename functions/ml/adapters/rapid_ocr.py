"""Text recognition by PP-OCRv6 through RapidOCR, whose wheel carries the models: nothing is fetched."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.ml.recognised import RECOGNISER, PagePicture, RecognisedLine, RecognisedPage
from shared.kernel.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[Any]

_DETECTED_SIDE = 1280
"""Longest side, in pixels, of the page on which lines are looked for; they are read from the page itself."""
_JUDGES = 6
"""How many of the longest lines are read both ways up to see which way is up."""
_UPRIGHT_LINE = 1.5


@dataclass
class RapidOcr:
    """The `Recogniser` port. One page at a time: the models share their threads and their memory.

    Attributes:
        threads: of the models.
    """

    threads: int = 2
    _engine: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """Name the models and how pages are prepared for them."""
        return RECOGNISER

    def __call__(self, picture: PagePicture) -> RecognisedPage:
        """Read a page; see the port.

        The detector finds the lines. A page whose lines mostly stand upright lies on its side and is turned. Then the
        longest lines are read as they are and upside down: whichever the model is surer of is the way up.
        """
        import numpy as np

        page = np.frombuffer(picture.pixels, dtype=np.uint8).reshape(picture.height, picture.width, 3)
        bgr = np.ascontiguousarray(page[:, :, ::-1])  # the models were trained on OpenCV's order
        with self._lock:
            engine = self._loaded()
            try:
                turned, lines = _read(engine, bgr)
            except Exception as error:
                raise Invalid(
                    "Text recognition broke down over this page; it was left out.", code="page_unrecognisable"
                ) from error
        return RecognisedPage(tuple(lines), turned, picture.width / picture.height)

    def _loaded(self) -> Any:
        if self._engine is None:
            try:
                self._engine = _load(self.threads)
            except Exception as error:
                raise Unavailable(
                    "Text recognition is not installed here; pages without text wait for it. Ask the operators.",
                    code="recogniser_unavailable",
                ) from error
        return self._engine


def _load(threads: int) -> Any:
    """Load the models, and read an empty page so that whatever is missing shows now and not in a page's reading."""
    import numpy as np
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_preprocess_img": False,  # the page comes in the size that it is to be read in
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTED_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    engine(np.full((64, 256, 3), 255, np.uint8), use_cls=False)
    engine.recognize_txt([np.full((48, 96, 3), 255, np.uint8)])
    return engine


def _read(engine: Any, page: "Pixels") -> tuple[int, list[RecognisedLine]]:
    """Return by how many degrees clockwise the page must be turned, and its lines with boxes of the page as it is."""
    import numpy as np

    boxes = _boxes(engine, page)
    quarter = _lies_on_its_side(boxes)
    upright = np.ascontiguousarray(np.rot90(page, -1)) if quarter else page
    if quarter:
        boxes = _boxes(engine, upright)
    if not len(boxes):
        return 0, []
    crops = engine.crop_text_regions(upright, boxes)
    if _is_upside_down(engine, crops):
        crops = [np.ascontiguousarray(np.rot90(crop, 2)) for crop in crops]
        turned = 270 if quarter else 180
    else:
        turned = 90 if quarter else 0
    found = engine.recognize_txt(crops)
    height, width = upright.shape[:2]
    return turned, [
        _line(text, float(score), _turned_back(box / (width, height), quarter=quarter))
        for box, text, score in zip(boxes, found.txts, found.scores, strict=True)
        if text.strip()
    ]


def _boxes(engine: Any, page: "Pixels") -> Any:
    """Return the corners of the lines, in pixels: an array of (lines, 4, 2)."""
    found = engine(page, use_det=True, use_cls=False, use_rec=False)
    return () if found.boxes is None else found.boxes


def _lies_on_its_side(boxes: Any) -> bool:
    """Tell whether more of the text stands upright than lies level, counted by the length of its lines."""
    upright = level = 0.0
    for box in boxes:
        width, height = box.max(axis=0) - box.min(axis=0)
        upright += height if height > _UPRIGHT_LINE * width else 0.0
        level += width if width > _UPRIGHT_LINE * height else 0.0
    return upright > level


def _is_upside_down(engine: Any, crops: Sequence["Pixels"]) -> bool:
    """Read the longest lines both ways up and compare how sure the model is."""
    import numpy as np

    judges = sorted(crops, key=lambda crop: crop.shape[1] / crop.shape[0], reverse=True)[:_JUDGES]
    flipped = [np.ascontiguousarray(np.rot90(crop, 2)) for crop in judges]
    found = engine.recognize_txt([*judges, *flipped])
    sure = [score * len(text) for text, score in zip(found.txts, found.scores, strict=True)]
    return bool(sum(sure[len(judges) :]) > sum(sure[: len(judges)]))


def _turned_back(corners: Any, *, quarter: bool) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom on the page before it was turned by a quarter clockwise."""
    left, top = (float(value) for value in corners.min(axis=0).clip(0, 1))
    right, bottom = (float(value) for value in corners.max(axis=0).clip(0, 1))
    return (top, 1 - right, bottom, 1 - left) if quarter else (left, top, right, bottom)


def _line(text: str, confidence: float, box: tuple[float, float, float, float]) -> RecognisedLine:
    left, top, right, bottom = (round(side, 4) for side in box)
    return RecognisedLine(text.strip(), left, top, right, bottom, round(confidence, 3))
