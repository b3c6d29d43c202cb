import pytest

from functions.ml.adapters.opensearch_index.address import Address
from functions.ml.adapters.opensearch_index.cluster import connect
from functions.ml.adapters.opensearch_index.documents import folders_above, term
from functions.ml.adapters.opensearch_index.queries import cosine_of
from functions.ml.adapters.search_engines import search_index
from functions.ml.documents import Metadata
from functions.ml.ports import Filters
from shared.kernel.settings import SettingsError
from tests.fakes.chunks import make_chunk


def test_a_server_of_ones_own_is_asked_without_a_signature() -> None:
    address = Address.parse("opensearch:http://127.0.0.1:9200/mine?shards=3")
    assert address == Address("http://127.0.0.1:9200", "mine", service="", region="", shards=3)


@pytest.mark.parametrize(
    ("setting", "service", "region"),
    [
        ("opensearch:https://search-x.eu-central-1.es.amazonaws.com", "es", "eu-central-1"),
        ("opensearch-serverless:https://abc.us-west-2.aoss.amazonaws.com", "aoss", "us-west-2"),
        ("opensearch:https://search.example", "es", "us-east-1"),
    ],
)
def test_requests_to_aws_are_signed_for_the_service_and_region(setting: str, service: str, region: str) -> None:
    address = Address.parse(setting)
    assert address.prefix == "strata"
    client = connect(address)
    (connection,) = client.transport.connection_pool.connections
    headers = connection.http_auth("POST", f"{address.url}/_search", b"{}")
    assert f"/{region}/{service}/aws4_request" in headers["Authorization"]
    assert "X-Amz-Content-SHA256" in headers
    client.close()


@pytest.mark.parametrize(
    "setting",
    [
        "opensearch:", "opensearch:127.0.0.1:9200", "opensearch:ftp://host", "opensearch:http://host:port/x",
        "opensearch-serverless:http://host", "opensearch:http://host/Upper", "opensearch:http://host/a/b",
        "opensearch:http://host/x?shards=0", "opensearch:http://host/x?shards=many", "https://host",
        "elastic:http://host", "sqlite://relative",
    ],
)  # fmt: skip
def test_a_setting_that_names_no_engine_is_told(setting: str) -> None:
    with pytest.raises(SettingsError, match="SEARCH_URL"):
        search_index(setting)


@pytest.mark.parametrize("folder", ["", "a", "a/b/c", "/a", "a/", "a//b", "ab"])
@pytest.mark.parametrize("wanted", ["", "a", "a/b", "a/", "/", "/a", "a/b/c", "a//b", "ab", "b"])
def test_the_folders_that_are_stored_are_those_whose_filter_keeps_the_chunk(folder: str, wanted: str) -> None:
    chunk = make_chunk()
    object.__setattr__(chunk, "metadata", Metadata(folder=folder))
    assert (wanted in folders_above(folder)) is Filters(folders=(wanted,)).keep(chunk)


def test_values_that_the_engine_could_not_keep_are_compared_by_their_digest() -> None:
    values = ["", "a", "ä", "x" * 512, "x" * 513, "x" * 514, "\ud800", "\udfff", "sha256:a", "\x00"]
    assert len({term(value) for value in values}) == len(values)
    assert [term(value) for value in values[:4]] == values[:4]
    for value in values:
        assert len(term(value).encode()) <= 2_048


@pytest.mark.parametrize("cosine", [-1.0, -0.5, 0.0, 0.25, 1.0])
def test_a_score_tells_its_cosine(cosine: float) -> None:
    score = 1 + cosine if cosine >= 0 else 1 / (1 - cosine)
    assert cosine_of(score) == pytest.approx(cosine)
