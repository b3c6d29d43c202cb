"""XML without what XML can do to its reader: no entities, no document type, no network, no huge trees."""

from typing import Any

from functions.ml.ingestion.parsing import refusals


def xml_root(data: bytes, *, mends: bool = False) -> Any:
    """Return the root element (lxml's), comments and processing instructions left out.

    Args:
        data: the file; its declaration or mark tells the encoding.
        mends: read on after an error where what follows makes sense.

    Raises:
        Invalid: it is no well-formed XML (`unreadable`).
    """
    from lxml import etree  # noqa: PLC0415 - readers are imported with their library, this module without

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=mends,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        raise refusals.unreadable("The XML in the file is damaged and cannot be read.") from error
    if root is None:
        raise refusals.unreadable("The XML in the file is damaged and cannot be read.")
    return root


def local_name(element: Any) -> str:
    """Return an element's name without its namespace, empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
