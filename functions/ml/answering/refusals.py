"""What a person reads when there is no answer, in their language: what was searched, and what would help."""

from collections.abc import Mapping
from typing import Literal

Reason = Literal["nothing_found", "nothing_passes", "said_so", "no_citation", "not_supported"]

ENGLISH: Mapping[str, str] = {
    "one": "the documents of this knowledge base",
    "many": "the documents of {number} knowledge bases",
    "nothing_found": (
        "I searched {searched} and found nothing about this question. Try other words, for example a name, "
        "a number or a title from the document, or add a document that covers it."
    ),
    "nothing_passes": (
        "No document passes the filters ({filters}), so there was nothing to search in {searched}. Leave a filter out "
        "or widen it; the list of documents shows the folder, type, language, date and tags of each."
    ),
    "said_so": (
        "I searched {searched}, but the {passages} closest passages do not answer this question. Try to name the thing "
        "you ask about as the documents call it, or add a document that covers it."
    ),
    "no_citation": (
        "I searched {searched} and read the {passages} closest passages, but could not write an answer that points to "
        "its source, so I do not show it. Try to ask more precisely, for one thing at a time."
    ),
    "not_supported": (
        "I searched {searched} and read the {passages} closest passages, but could not confirm an answer from them, so "
        "I do not show it. Try to ask more precisely, or look at the passages through search."
    ),
}
GERMAN: Mapping[str, str] = {
    "one": "den Dokumenten dieser Wissensbasis",
    "many": "den Dokumenten von {number} Wissensbasen",
    "nothing_found": (
        "Ich habe in {searched} gesucht und nichts zu dieser Frage gefunden. Versuchen Sie es mit anderen Worten, etwa "
        "einem Namen, einer Zahl oder einem Titel, oder fügen Sie ein Dokument hinzu, in dem es steht."
    ),
    "nothing_passes": (
        "Kein Dokument passt zu den Filtern ({filters}), also gab es in {searched} nichts zu durchsuchen. Lassen Sie "
        "einen Filter weg; die Liste der Dokumente zeigt Ordner, Art, Sprache, Datum und Schlagworte."
    ),
    "said_so": (
        "Ich habe in {searched} gesucht, aber die {passages} ähnlichsten Stellen beantworten diese Frage nicht. Nennen "
        "Sie die Sache so, wie die Dokumente sie nennen, oder fügen Sie ein Dokument hinzu, in dem es steht."
    ),
    "no_citation": (
        "Ich habe in {searched} gesucht und die {passages} ähnlichsten Stellen gelesen, konnte aber keine Antwort mit "
        "Beleg schreiben und zeige sie deshalb nicht. Fragen Sie genauer und nach einer Sache auf einmal."
    ),
    "not_supported": (
        "Ich habe in {searched} gesucht und die {passages} ähnlichsten Stellen gelesen, konnte aber keine Antwort "
        "daraus bestätigen und zeige sie deshalb nicht. Fragen Sie genauer, oder sehen Sie die Stellen in der Suche an."
    ),
}
FRENCH: Mapping[str, str] = {
    "one": "les documents de cette base",
    "many": "les documents de {number} bases",
    "nothing_found": (
        "J’ai cherché dans {searched} et n’ai rien trouvé sur cette question. Essayez d’autres mots, par exemple un "
        "nom, un nombre ou un titre, ou ajoutez un document qui en parle."
    ),
    "nothing_passes": (
        "Aucun document ne correspond aux filtres ({filters}) : il n’y avait rien à chercher dans {searched}. Retirez "
        "ou élargissez un filtre."
    ),
    "said_so": (
        "J’ai cherché dans {searched}, mais les {passages} passages les plus proches ne répondent pas à cette "
        "question. Employez les mots des documents, ou ajoutez un document qui en parle."
    ),
    "no_citation": (
        "J’ai cherché dans {searched} et lu les {passages} passages les plus proches, mais je n’ai pas pu écrire une "
        "réponse qui cite sa source ; je ne la montre donc pas. Posez une question plus précise."
    ),
    "not_supported": (
        "J’ai cherché dans {searched} et lu les {passages} passages les plus proches, mais ils ne confirment aucune "
        "réponse ; je ne la montre donc pas. Posez une question plus précise."
    ),
}
SPANISH: Mapping[str, str] = {
    "one": "los documentos de esta base",
    "many": "los documentos de {number} bases",
    "nothing_found": (
        "Busqué en {searched} y no encontré nada sobre esta pregunta. Pruebe otras palabras, por ejemplo un nombre, un "
        "número o un título, o añada un documento que lo trate."
    ),
    "nothing_passes": (
        "Ningún documento cumple los filtros ({filters}), así que no había nada que buscar en {searched}. Quite o "
        "amplíe un filtro."
    ),
    "said_so": (
        "Busqué en {searched}, pero los {passages} pasajes más cercanos no responden a esta pregunta. Use las palabras "
        "de los documentos, o añada un documento que lo trate."
    ),
    "no_citation": (
        "Busqué en {searched} y leí los {passages} pasajes más cercanos, pero no pude escribir una respuesta que cite "
        "su fuente, por eso no la muestro. Pregunte con más precisión."
    ),
    "not_supported": (
        "Busqué en {searched} y leí los {passages} pasajes más cercanos, pero no confirman ninguna respuesta, por eso "
        "no la muestro. Pregunte con más precisión."
    ),
}
TEXTS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}


def refusal_text(
    reason: Reason, *, knowledge_bases: int, passages: int, filters: str = "", language: str = "en"
) -> str:
    """Return the text for a person.

    Args:
        reason: why there is no answer.
        knowledge_bases: how many were searched.
        passages: how many passages were read.
        filters: what the search was narrowed to, in words.
        language: of the question, a code of two letters; English where we do not have it.
    """
    texts = TEXTS.get(language, ENGLISH)
    searched = texts["many" if knowledge_bases > 1 else "one"].format(number=knowledge_bases)
    return texts[reason].format(searched=searched, passages=passages, filters=filters)
