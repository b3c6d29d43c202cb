from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from shared.kernel.errors import Invalid

# Article 1 of the Universal Declaration of Human Rights.
TEXTS = {
    "ru": "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью.",
    "uk": "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю.",
    "ja": "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられている。",  # noqa: E501 - it is data
    "zh": "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
    "zht": "人人生而自由,在尊嚴和權利上一律平等。他們賦有理性和良心,並應以兄弟關係的精神互相對待。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았다.",  # noqa: E501 - it is data
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw; źródło, żółć.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren: Größe, Maße, Übergabe, Brüderlichkeit.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. L’œuvre coûte à présent 30 €.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "tr": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler.",
    "he": "כל בני אדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון.",
    "ar": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม",
    "en": "The plan for 1990–2000 isn’t “done” yet; it costs £30.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("ru", "koi8-r"), ("ru", "cp1251"), ("ru", "iso8859-5"), ("ru", "cp866"), ("ru", "utf-16-le"), ("ru", "utf-16-be"),  # noqa: E501 - it is data
        ("uk", "cp1251"), ("uk", "koi8-u"), ("ja", "shift_jis"), ("ja", "euc-jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"),  # noqa: E501 - it is data
        ("zht", "big5"), ("ko", "euc-kr"), ("ko", "utf-16-be"), ("pl", "cp1250"), ("pl", "iso8859-2"), ("de", "cp1252"),
        ("de", "mac_roman"), ("de", "cp850"), ("fr", "cp1252"), ("el", "cp1253"), ("el", "iso8859-7"), ("tr", "cp1254"),
        ("he", "cp1255"), ("ar", "cp1256"), ("ar", "iso8859-6"), ("en", "cp1252"), ("th", "tis-620"),
    ],
)  # fmt: skip
def test_real_text_is_read_in_the_encoding_that_nobody_told(language: str, encoding: str) -> None:
    assert decode(TEXTS[language].encode(encoding)) == TEXTS[language]


@pytest.mark.parametrize("language", ["zh", "ja"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_of_any_script_needs_no_mark_where_it_has_lines(tmp_path: Path, language: str, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(f"{TEXTS[language]}\n\n{TEXTS[language]}".encode(encoding))
    document = parse_file(path, filename="a.txt", limits=ParserLimits())
    assert [block.text for block in document.blocks] == [TEXTS[language]] * 2


def test_one_sentence_of_russian_is_not_taken_for_thai() -> None:
    sentence = TEXTS["ru"].partition(".")[0]
    assert decode(sentence.encode("koi8-r")) == sentence


def test_a_few_letters_of_german_are_not_taken_for_russian() -> None:
    assert decode("## können\n\näöüß\n".encode("cp1252")) == "## können\n\näöüß\n"


@pytest.mark.parametrize(
    "head", ['<meta charset="koi8-r">', "<META http-equiv=Content-Type content='text/html; charset=KOI8-R'>",
             '<?xml version="1.0" encoding="koi8-r"?>'],
)  # fmt: skip
def test_a_page_that_declares_its_encoding_is_believed(head: str) -> None:
    text = f"{head}<p>Да</p>"
    assert decode(text.encode("koi8-r"), declared=True) == text


def test_bytes_that_are_no_text_in_any_encoding_are_refused() -> None:
    with pytest.raises(Invalid) as caught:
        decode(bytes(range(128, 160)) * 50 + b"\x01\x02\x03" * 50)
    assert caught.value.code == "unreadable"
