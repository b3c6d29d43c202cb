import pytest
from pydantic import ValidationError

from functions.ml.releases.catalogue import AnswerChoice, Releases, ReleaseSpec, load_catalogue, load_releases
from functions.ml.releases.store import ReleaseStore, release_key
from shared.kernel.errors import NotFound
from tests.fakes.object_store import MemoryObjects


def test_the_id_is_the_hash_of_the_content() -> None:
    release = load_releases("extractive", "multilingual").default
    again = ReleaseSpec.model_validate(release.model_dump())
    assert release.release_id == again.release_id
    assert len(release.release_id) == len("rel_") + 16


def test_any_change_of_content_is_another_release() -> None:
    release = load_releases("extractive", "multilingual").default
    changed = release.model_copy(update={"answer": AnswerChoice(passages=9)})
    assert changed.release_id != release.release_id
    assert load_releases("bedrock:x", "multilingual").default.release_id != release.release_id


def test_a_description_may_be_reworded() -> None:
    release = load_catalogue()[0]
    assert release.model_copy(update={"description": "Other words."}).release_id == release.release_id


def test_releases_are_found_by_name_and_id() -> None:
    releases = load_releases("extractive", "fast-english")
    assert releases.default.embedder == "local:fast-english"
    for release in releases.all:
        assert releases.by_id(release.release_id) == releases.by_name(release.name) == release
    assert [release.name for release in releases.all] == ["multilingual", "fast-english"]


def test_an_unknown_release_names_those_that_exist() -> None:
    releases = load_releases("extractive", "multilingual")
    with pytest.raises(NotFound, match="multilingual, fast-english"):
        releases.by_name("best")
    with pytest.raises(NotFound, match="multilingual, fast-english"):
        releases.by_id("rel_x")


def test_a_misspelt_field_is_an_error() -> None:
    content = load_catalogue()[0].model_dump()
    with pytest.raises(ValidationError):
        ReleaseSpec.model_validate({**content, "promt": "x"})


def test_documents_read_under_another_answer_model_stay_usable() -> None:
    before = load_releases("extractive", "multilingual")
    after = load_releases("bedrock:x", "multilingual")
    for release in before.all:
        assert after.by_id(release.release_id).name == release.name
        assert after.by_id(release.release_id).release_id != release.release_id


def test_another_embedder_reads_documents_in_another_way() -> None:
    releases = load_releases("extractive", "multilingual")
    other = releases.default.model_copy(update={"embedder": "local:other"})
    with pytest.raises(NotFound):
        releases.by_id(other.release_id)


def test_every_release_can_be_cut_in_every_way_and_each_has_an_id_of_its_own() -> None:
    releases = load_releases("extractive", "multilingual")
    ids = [
        releases.with_chunking(release, chunking.name).release_id
        for release in releases.all
        for chunking in releases.chunkings
    ]
    assert len(set(ids)) == len(releases.all) * len(releases.chunkings) == len(releases.every)
    for release_id in ids:
        assert releases.by_id(release_id).release_id == release_id
    own = releases.with_chunking(releases.default, releases.chunking_of(releases.default))
    assert own == releases.default


def test_a_way_to_cut_changes_how_documents_are_read_and_nothing_else() -> None:
    releases = load_releases("extractive", "multilingual")
    other = releases.with_chunking(releases.default, "parent-child")
    assert other.reading_id != releases.default.reading_id
    assert other.model_copy(update={"chunker": releases.default.chunker}) == releases.default
    assert releases.chunking_of(other) == "parent-child"


def test_documents_cut_in_another_way_stay_usable_under_another_answer_model() -> None:
    before, after = load_releases("extractive", "multilingual"), load_releases("bedrock:x", "multilingual")
    cut = before.with_chunking(before.by_name("fast-english"), "page")
    assert after.by_id(cut.release_id).chunker == cut.chunker
    assert after.by_id(cut.release_id).embedder == "local:fast-english"


def test_an_unknown_way_to_cut_names_those_that_exist() -> None:
    releases = load_releases("extractive", "multilingual")
    with pytest.raises(NotFound, match="structure, fixed, sentence-window"):
        releases.with_chunking(releases.default, "semantic")


def test_the_store_keeps_every_release_once() -> None:
    artifacts = MemoryObjects()
    releases = load_releases("extractive", "multilingual")
    ReleaseStore(releases, artifacts).keep()
    kept = [stored.key for stored in artifacts.list("releases/")]
    assert kept == sorted(release_key(release_id) for release_id in releases.every)
    alone = ReleaseStore(Releases(releases.all, "extractive", "multilingual"), artifacts)
    for release_id, release in releases.every.items():
        assert alone.by_id(release_id).chunker == release.chunker
