import pytest

from functions.ml.adapters.logged_embedder import LoggedEmbedder
from shared.kernel.errors import Unavailable
from tests.fakes.embedder import HashEmbedder


def test_a_call_is_written_down_before_it_is_made_and_without_its_texts(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = HashEmbedder()
    logged = LoggedEmbedder(embedder)
    assert logged.embed(["a secret", "b"], purpose="passage") == embedder.embed(["a secret", "b"], purpose="passage")

    def down(*_: object, **__: object) -> None:
        raise Unavailable("The model does not answer.")

    monkeypatch.setattr(embedder, "embed", down)
    with pytest.raises(Unavailable):
        logged.embed(["c"], purpose="passage")
    told = [vars(record) for record in caplog.records if record.getMessage() == "texts are embedded"]
    assert [record["texts"] for record in told] == [2, 1]
    assert "secret" not in str(told)
