"""A mail as a document, whichever program wrote it: subject, addresses, text, and what is attached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.ml.ingestion.parsing.containers import Members
from functions.ml.ingestion.parsing.formats.plain import text_blocks
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.tables import clean
from functions.ml.parsed import Block, ParsedDocument

# A plain text with less than this share of the page's words is a notice that the mail has a page.
_REAL_SHARE = 0.6
_ATTACHMENT_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is attached: bytes, or something that reads itself (a message inside Outlook's message)."""

    name: str
    content: bytes | Callable[[], ParsedDocument]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail.

    Attributes:
        subject: empty when it has none.
        fields: label and value, as people know them: From, To, Cc, Date.
        texts: the parts of the body in order; each as plain text and as a page, either may be empty.
        attachments: in order.
        warnings: what was left out.
    """

    subject: str
    fields: Sequence[tuple[str, str]]
    texts: Sequence[tuple[str, str]]
    attachments: Sequence[Attachment] = ()
    warnings: Sequence[str] = ()


def mail_document(mail: Mail, limits: ParserLimits) -> ParsedDocument:
    """Turn a mail into a document; an attachment that cannot be read becomes a warning.

    Raises:
        TooLarge: the attachments unfold to more than a document may (`zip_bomb`).
    """
    blocks = [Block("heading", clean(mail.subject), level=1)] if mail.subject.strip() else []
    fields = [f"{label}: {clean(value)}" for label, value in mail.fields if value.strip()]
    blocks += [Block("paragraph", "\n".join(fields))] if fields else []
    for plain, page in mail.texts:
        blocks += _body(plain, page)
    members = Members(limits, level=_ATTACHMENT_LEVEL, tables=1 + max((block.table for block in blocks), default=-1))
    for attachment in mail.attachments:
        if callable(attachment.content):
            members.add_read(attachment.name, attachment.content)
        else:
            members.add(attachment.name, attachment.content)
    return ParsedDocument(
        (*blocks, *members.blocks),
        pages=1,
        unit="section",
        title=clean(mail.subject),
        warnings=(*mail.warnings, *members.warnings),
    )


def _body(plain: str, page: str) -> list[Block]:
    """Choose the plain text, unless the page says clearly more or holds tables."""
    as_plain = text_blocks(plain)
    if not page.strip():
        return as_plain
    from functions.ml.ingestion.parsing.readers.html import parse_html  # noqa: PLC0415 - many mails have no page

    as_page = list(parse_html(page).blocks)
    richer = any(block.kind == "table_row" for block in as_page)
    return as_page if richer or _words(as_plain) < _REAL_SHARE * _words(as_page) else as_plain


def _words(blocks: Sequence[Block]) -> int:
    return sum(len(block.text.split()) for block in blocks)
