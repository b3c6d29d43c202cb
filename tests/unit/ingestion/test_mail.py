from email.message import EmailMessage
from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.parsed import ParsedDocument

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"
LIMITS = ParserLimits()
PAGE = "<html><body><p>Hello from the page, with all of its words.</p></body></html>"


def mail(plain: str = "Hello.", page: str = "", subject: str = "Trip") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Ann <ann@example.com>"
    message["To"] = "Bob <bob@example.com>"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    message.set_content(plain)
    if page:
        message.add_alternative(page, subtype="html")
    return message


def parsed(folder: Path, content: bytes | EmailMessage, name: str = "a.eml") -> ParsedDocument:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.as_bytes())
    return parse_file(path, filename=name, limits=LIMITS)


def texts(document: ParsedDocument) -> list[str]:
    return [block.text for block in document.blocks]


def test_a_mail_is_its_subject_its_addresses_and_its_text(tmp_path: Path) -> None:
    document = parsed(tmp_path, mail("Hello.\n\n> What did you say?\n"))
    assert document.title == "Trip"
    assert texts(document) == [
        "Trip",
        "From: Ann <ann@example.com>\nTo: Bob <bob@example.com>\nDate: Mon, 02 Mar 2026 10:00:00 +0000",
        "Hello.",
        "> What did you say?",
    ]


@pytest.mark.parametrize(
    ("plain", "page", "kept"),
    [
        ("Hello from the plain text, with all of its words.", PAGE, "plain text"),
        ("Your program cannot show it.", PAGE.replace("words.", "words " * 20), "the page"),
        ("a b c", "<table><tr><th>N</th><th>P</th></tr><tr><td>x</td><td>1</td></tr></table>", "x | 1"),
    ],
    ids=["same", "notice", "table"],
)
def test_the_plain_text_is_preferred_unless_the_page_says_more(
    tmp_path: Path, plain: str, page: str, kept: str
) -> None:
    assert any(kept in text for text in texts(parsed(tmp_path, mail(plain, page))))


def test_attachments_are_read_as_files_of_their_own_inside_the_sandbox(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(
        (DOCUMENTS / "multi_page.pdf").read_bytes(), maintype="application", subtype="pdf", filename="paper.pdf"
    )
    message.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="a.bin")
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())
    document = SandboxedParser()(path, filename="a.eml")
    assert {block.member for block in document.blocks} == {"", "paper.pdf"}
    assert ("heading", 2, "paper.pdf", 1) in [(b.kind, b.level, b.text, b.page) for b in document.blocks]
    assert document.warnings == ("a.bin was left out: files of its type cannot be read.",)


def test_a_forwarded_mail_is_a_member_and_a_chain_of_them_ends(tmp_path: Path) -> None:
    message = mail("innermost", subject="0")
    for number in range(1, 5):
        outer = mail(f"level {number}", subject=str(number))
        outer.add_attachment(message)
        message = outer
    document = parsed(tmp_path, message)
    assert [block.member for block in document.blocks if block.text.startswith("level")] == [
        "",
        "3.eml",
        "3.eml > 2.eml",
    ]
    assert "too deep" in document.warnings[0]


def test_pictures_inside_the_text_and_signatures_are_left_out_in_silence(tmp_path: Path) -> None:
    message = mail("Hello.", PAGE)
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline", cid="<x>")
    message.add_attachment(b"x", maintype="application", subtype="pgp-signature", filename="s.asc")
    assert parsed(tmp_path, message).warnings == ()


def test_an_encrypted_mail_keeps_what_can_be_read_and_says_so(tmp_path: Path) -> None:
    raw = b"Subject: Secret\nContent-Type: multipart/encrypted; boundary=x\n\n--x\nContent-Type: text/plain\n\nxx\n--x--\n"  # noqa: E501 - it is data
    document = parsed(tmp_path, raw)
    assert texts(document) == ["Secret"]
    assert "encrypted" in document.warnings[0]


@pytest.mark.parametrize(
    ("charset", "encoding"), [("koi8-r", "koi8-r"), ("unheard-of", "utf-8"), ("us-ascii", "cp1251")]
)
def test_the_charset_is_believed_where_it_can_be_and_guessed_where_not(
    tmp_path: Path, charset: str, encoding: str
) -> None:
    text = "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью."
    raw = f"Subject: =?koi8-r?B?88zP18E=?=\nContent-Type: text/plain; charset={charset}\n\n".encode() + text.encode(
        encoding
    )
    assert texts(parsed(tmp_path, raw)) == ["Слова", text]


def test_a_broken_header_loses_neither_the_header_nor_the_mail(tmp_path: Path) -> None:
    raw = b"From: =?utf-8?B?broken\nTo: <<>,;\nDate: not a date\nSubject: =?x?Q?y?=\n\nbody words\n"
    document = parsed(tmp_path, raw)
    assert texts(document)[-1] == "body words"
    assert "not a date" in texts(document)[1]


def test_an_outlook_message_reads_like_any_mail_inside_the_sandbox() -> None:
    document = SandboxedParser()(DOCUMENTS / "fake-email-attachment.msg", filename="a.msg")
    assert texts(document)[:2] == [
        "Fake email with attachment",
        "From: Mallori Harrell <mallori@unstructured.io>\nTo: Mallori Harrell\nDate: Thu, 20 Apr 2023 21:39:10 UTC",
    ]
    assert [block.text for block in document.blocks if block.member] == [
        "fake-attachment.txt", "Hey this is a fake attachment!",
    ]  # fmt: skip


def test_a_web_archive_is_its_page() -> None:
    document = parse_file(DOCUMENTS / "pump_trial.mht", filename="a.mht", limits=LIMITS)
    assert (document.title, texts(document)) == (
        "Pump trial", ["Pump trial", "The pump costs 30 € and runs für two hours."],
    )  # fmt: skip
