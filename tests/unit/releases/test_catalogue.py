import pytest
from pydantic import ValidationError

from functions.ml.releases.catalogue import AnswerChoice, ReleaseSpec, load_catalogue, load_releases
from shared.kernel.errors import NotFound


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
