"""Outlook's messages: the same as any mail, read from the properties of a compound file."""

from pathlib import Path
from typing import Any

import olefile

from functions.ml.ingestion.parsing import mapi, refusals
from functions.ml.ingestion.parsing.containers import opened
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.mapi import Properties
from functions.ml.ingestion.parsing.messages import Attachment, Mail, mail_document
from functions.ml.parsed import ParsedDocument

_ATTACHMENTS = "__attach_version1.0_#"
_ENCRYPTED = "IPM.Note.SMIME"
_SIGNED = "IPM.Note.SMIME.MultipartSigned"
_BROKEN = (OSError, ValueError, IndexError, TypeError, AttributeError, KeyError)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a message.

    Raises:
        Invalid: damaged (`unreadable`).
        TooLarge: the attachments unfold to more than a document may (`zip_bomb`).
    """
    try:
        with olefile.OleFileIO(str(path)) as file:
            return _Reader(file, limits).document((), "message")
    except _BROKEN as error:
        raise refusals.unreadable("The Outlook message is damaged and cannot be read.") from error


class _Reader:
    """Reads a message and the messages inside it from one compound file."""

    def __init__(self, file: Any, limits: ParserLimits) -> None:
        self._file = file
        self._limits = limits

    def document(self, folder: tuple[str, ...], kind: str) -> ParsedDocument:
        """Read the message in a folder of the file."""
        found = Properties(self._file, folder, kind)
        attachments = []
        texts = [(found.text(mapi.BODY), found.html())]
        if not any(texts[0]) and (rich := _rich_text(found.raw(mapi.RTF))):
            attachments.append(Attachment("message.rtf", rich))
        for inner in found.folders(_ATTACHMENTS):
            attachments += self._attachment(inner)
        kind_of_message = found.text(mapi.MESSAGE_CLASS)
        locked = kind_of_message.startswith(_ENCRYPTED) and not kind_of_message.startswith(_SIGNED)
        warnings = ["The message is encrypted; only its subject and addresses can be read."] if locked else []
        mail = Mail(found.text(mapi.SUBJECT), _fields(found), texts, [] if locked else attachments, warnings)
        with opened(self._limits):
            return mail_document(mail, self._limits)

    def _attachment(self, folder: tuple[str, ...]) -> list[Attachment]:
        found = Properties(self._file, folder, "attachment")
        name = found.text(mapi.LONG_NAME) or found.text(mapi.SHORT_NAME) or found.text(mapi.DISPLAY_NAME)
        name = "".join(character for character in name if character.isprintable()).strip() or "attachment"
        message = found.embedded()
        if message is not None:
            return [Attachment(name, lambda: self.document(message, "embedded"))]
        picture = found.text(mapi.MEDIA_TYPE).startswith("image/")
        if picture and (found.flag(mapi.HIDDEN) or found.text(mapi.CONTENT_ID)):
            return []  # stands inside the text
        return [Attachment(name, found.raw(mapi.DATA))]


def _fields(found: Properties) -> list[tuple[str, str]]:
    address = found.text(mapi.SENDER_SMTP) or found.text(mapi.SENDER_ADDRESS)
    sender = found.text(mapi.SENDER_NAME)
    if "@" in address and address != sender:
        sender = f"{sender} <{address}>".strip()
    date = found.time(mapi.SENT_AT) or found.time(mapi.DELIVERED_AT)
    return [
        ("From", sender),
        ("To", found.text(mapi.TO)),
        ("Cc", found.text(mapi.CC)),
        ("Bcc", found.text(mapi.BCC)),
        ("Date", date),
    ]


def _rich_text(packed: bytes) -> bytes:
    """Return the body as RTF, of a message that has nothing else; empty where it cannot be unpacked."""
    if not packed:
        return b""
    from compressed_rtf import decompress  # noqa: PLC0415 - hardly any message has only this

    try:
        return bytes(decompress(packed))
    except Exception:
        return b""
