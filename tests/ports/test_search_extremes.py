"""What every search engine must do with odd texts, long queries, ties, many pages and many hands at once."""

import threading
from dataclasses import replace

import pytest

from functions.ml.documents import IndexedChunk
from functions.ml.ports import Hit, Scope, SearchIndex
from shared.kernel.errors import PlatformError
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY,))
VECTOR = (1.0, 0.0, 0.0)


def ids(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.indexed.chunk_id for hit in hits]


def test_texts_of_every_plane_come_back_whole(index: SearchIndex) -> None:
    places = [place for place in range(0, 0x10000, 0x101) if not 0xD800 <= place < 0xE000]
    chunks = {}
    for plane in range(17):
        text = "".join(chr(plane * 0x10000 + place) for place in places) + f"\x00\ud800 \udfff needle{plane}"
        chunk = replace(make_chunk(text, context=text[:40], document_id=f"doc-{plane}"), filename=text[:30])
        chunks[plane] = chunk
    assert index.upsert(list(chunks.values())) == []
    for plane, chunk in chunks.items():
        found = index.search(SCOPE, text=f"\ud800 needle{plane}", vector=VECTOR, limit=30)
        assert [hit.indexed for hit in found.lexical] == [replace(chunk, vector=())]
        assert replace(chunk, vector=()) in [hit.indexed for hit in found.dense]
        assert index.search(SCOPE, text=chunk.chunk.text, vector=None, limit=1).lexical[0].indexed == replace(
            chunk, vector=()
        )
        assert index.chunks(SCOPE, [chunk.chunk_id]) == {chunk.chunk_id: replace(chunk, vector=())}


@pytest.mark.parametrize("noise", ["word{} ", "漢{}字 ", "слово{} ", '"{}" AND -x:(~) ', "{}\U0001f600 "])
def test_a_needle_is_found_by_ten_thousand_characters(index: SearchIndex, noise: str) -> None:
    index.upsert([make_chunk("the zebra crossing"), make_chunk("nothing of it", ordinal=1)])
    query = "".join(noise.format(n) for n in range(3_000))[:9_990] + " zebra"
    assert ids(index.search(SCOPE, text=query, vector=None, limit=3).lexical) == ["doc-1#1#0"]


def test_a_long_query_keeps_the_words_that_tell_most(index: SearchIndex) -> None:
    crowd = [make_chunk(" ".join(f"common{k}" for k in range(80)), ordinal=n) for n in range(20)]
    index.upsert([*crowd, make_chunk("rare1 rare2", ordinal=20)])
    query = " ".join([*(f"common{n}" for n in range(80)), "rare1", "rare2"])
    assert "doc-1#1#20" in ids(index.search(SCOPE, text=query, vector=None, limit=50).lexical)


def test_ten_thousand_characters_without_a_word_find_nothing(index: SearchIndex) -> None:
    index.upsert([make_chunk()])
    found = index.search(SCOPE, text='"(!?*~^) \U0001f600' * 700, vector=VECTOR, limit=3)
    assert (found.lexical, ids(found.dense)) == ((), ["doc-1#1#0"])


def test_ties_of_many_writes_and_documents_order_by_chunk_id(index: SearchIndex) -> None:
    expected = []
    for document in ("b", "a", "ä", "Z", "\U00010000", "￿"):
        chunks = [make_chunk("same", document_id=document, ordinal=n, vector=(0.6, 0.8, 0.0)) for n in range(4)]
        index.upsert(chunks)
        expected += [chunk.chunk_id for chunk in chunks]
    expected.sort()
    found = index.search(SCOPE, text="same", vector=VECTOR, limit=17)
    assert ids(found.lexical) == ids(found.dense) == expected[:17]


def test_more_generations_than_one_page_holds_are_all_told(index: SearchIndex) -> None:
    index.upsert([make_chunk("text", document_id=f"doc-{n:04}", kb_id=f"kb-{n % 3}") for n in range(2_300)])
    told = list(index.generations(TENANT))
    assert len({one.document_id for one in told}) == len(told) == 2_300
    assert {one.chunks for one in told} == {1}


def test_many_hands_write_delete_and_read_at_once(index: SearchIndex) -> None:
    """Each writer sees its own work at once, whatever the others do; nobody sees what was never written."""
    troubles: list[str] = []

    def work(name: str) -> None:
        try:
            for generation in range(1, 6):
                index.upsert([make_chunk("line", document_id=name, generation=generation, ordinal=n) for n in range(5)])
                index.delete(TENANT, name, through_generation=generation - 1)
                if index.count(TENANT, name, None) != 5:
                    troubles.append(f"{name} sees {index.count(TENANT, name, None)} of 5 in {generation}")
                if not index.search(SCOPE, text="line", vector=VECTOR, limit=100).dense:
                    troubles.append(f"{name} finds nothing")
        except PlatformError as error:
            troubles.append(repr(error))

    writers = [threading.Thread(target=work, args=(f"doc-{n}",)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert troubles == []
    assert {(one.generation, one.chunks) for one in index.generations(TENANT)} == {(5, 5)}


def test_a_large_write_is_taken_whole(index: SearchIndex) -> None:
    long = "many words of a passage that is long " * 100
    chunks: list[IndexedChunk] = [make_chunk(f"{long} {n}", ordinal=n) for n in range(1_100)]
    assert index.upsert(chunks) == []
    assert index.count(TENANT, "doc-1", 1) == 1_100
    assert index.delete(TENANT, "doc-1", through_generation=1) == 1_100
