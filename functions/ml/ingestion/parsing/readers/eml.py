"""Mails: headers people know, the body in the order of its parts, attachments through the registry."""

from email.message import Message
from pathlib import Path

from functions.ml.ingestion.parsing.containers import opened
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.messages import Attachment, Mail, mail_document
from functions.ml.ingestion.parsing.mime import header, part_bytes, part_name, part_text, read_message
from functions.ml.parsed import ParsedDocument
from shared.kernel.errors import Invalid

_SHOWN = ("From", "To", "Cc", "Bcc", "Date")
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_ENCRYPTED = frozenset({"application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_DEEPEST_PART = 30


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a mail; quoted replies stay, pictures inside the text and signatures are left out.

    Raises:
        Invalid: the content is not text (`unreadable`).
        TooLarge: the attachments unfold to more than a document may (`zip_bomb`).
    """
    message = read_message(path.read_bytes())
    with opened(limits):
        return mail_document(read_mail(message), limits)


def read_mail(message: Message) -> Mail:
    """Collect the parts of a message."""
    found = _Parts()
    found.collect(message)
    fields = [(name, header(message, name)) for name in _SHOWN]
    return Mail(header(message, "Subject"), fields, found.texts, found.attachments, found.warnings)


class _Parts:
    """What a walk over the parts of a message finds."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.attachments: list[Attachment] = []
        self.warnings: list[str] = []

    def collect(self, part: Message, depth: int = 0) -> None:
        """Take one part and all inside it."""
        kind = part.get_content_type()
        if kind == "multipart/alternative":
            self._choose(part, depth)
        elif kind == "message/delivery-status":
            self.texts += [(str(block).strip(), "") for block in _children(part)]
        elif kind == "message/rfc822":
            self._forwarded(part)
        elif kind == "multipart/encrypted" or kind in _ENCRYPTED:
            self.warnings.append("The message is encrypted; only its subject and addresses can be read.")
        elif part.is_multipart():
            for child in _children(part) if depth < _DEEPEST_PART else ():
                self.collect(child, depth + 1)
        elif kind not in _SIGNATURES:
            self._leaf(part, kind)

    def _choose(self, part: Message, depth: int) -> None:
        """Pair the plain text with the page that says the same; whatever else stands there comes as ever."""
        inner = _Parts()
        for child in _children(part) if depth < _DEEPEST_PART else ():
            inner.collect(child, depth + 1)
        plain = next((text for text, _ in inner.texts if text.strip()), "")
        page = next((page for _, page in inner.texts if page.strip()), "")
        self.texts += [(plain, page)]
        self.attachments += inner.attachments
        self.warnings += inner.warnings

    def _forwarded(self, part: Message) -> None:
        for child in _children(part):
            name = header(child, "Subject").strip() or "message"
            self.attachments.append(Attachment(f"{name}.eml", child.as_bytes()))

    def _leaf(self, part: Message, kind: str) -> None:
        disposition = part.get_content_disposition()
        named = part.get_filename() is not None
        if kind in {"text/plain", "text/html"} and disposition != "attachment" and not (named and disposition):
            try:
                text = part_text(part)
            except Invalid as error:
                self.warnings.append(f"A part of the message was left out: {error.message}")
                return
            self.texts.append(("", text) if kind == "text/html" else (text, ""))
        elif part.get_content_maintype() != "image" or disposition == "attachment" or (named and not disposition):
            self.attachments.append(Attachment(part_name(part), part_bytes(part)))


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []
