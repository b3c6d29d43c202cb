"""The server on this machine: only pinned bytes, put together whole, run by a Java that fits."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from infra.local.opensearch import artifacts, assembly, java, server
from infra.local.opensearch.catalogue import CATALOGUE, Artifact, Catalogue, Module, catalogue
from infra.local.opensearch.errors import OpenSearchNotPossible


def quiet(_: str) -> None:
    """Nobody listens."""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A repository of two small artifacts and a catalogue that pins them; returns its files by name."""
    folder = tmp_path / "published"
    folder.mkdir()
    with zipfile.ZipFile(folder / "server.zip", "w") as archive:
        archive.writestr("server-1.0/bin/opensearch", "#!/bin/sh\n")
        archive.writestr("server-1.0/lib/core.jar", "core" * 1000)
    (folder / "painless.jar").write_bytes(b"painless")
    files = {"server": folder / "server.zip", "painless": folder / "painless.jar"}
    pinned = Catalogue(
        version="1.0",
        modules={"painless": Module(classname="P", description="d", extends=(), permissions=("java.x.Y \"z\"",))},
        artifacts=tuple(
            Artifact(group="g", artifact=name, version="1.0", packaging=path.suffix[1:],
                     into="modules/painless" if name == "painless" else "", size_bytes=path.stat().st_size,
                     sha256=hashlib.sha256(path.read_bytes()).hexdigest())
            for name, path in files.items()
        ),
    )  # fmt: skip
    monkeypatch.setattr(assembly, "catalogue", lambda: pinned)
    monkeypatch.setenv("STRATA_CACHE", str(tmp_path / "cache"))

    def resolved(artifact: Artifact, repository: Path) -> Path:
        repository.mkdir(parents=True, exist_ok=True)
        copy = repository / artifact.filename
        copy.write_bytes(files[artifact.artifact].read_bytes())
        return copy

    monkeypatch.setattr(artifacts, "_resolved", resolved)
    return files


def test_what_is_pinned_is_whole_and_names_no_registry() -> None:
    pinned = catalogue()
    assert {artifact.into for artifact in pinned.artifacts} == {
        "", "plugins/opensearch-knn", "modules/lang-painless", "modules/mapper-extras", "modules/reindex",
    }  # fmt: skip
    assert all(len(artifact.sha256) == 64 for artifact in pinned.artifacts)
    written = CATALOGUE.read_text()
    assert "://" not in written
    assert "repo" not in written


def test_a_server_is_assembled_once_and_used_from_the_cache(
    published: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = assembly.ensure_server(on_progress=quiet)
    assert (home / "lib" / "core.jar").read_text() == "core" * 1000
    assert (home / "modules" / "painless" / "painless-1.0.jar").read_bytes() == b"painless"
    assert "version=1.0" in (home / "modules" / "painless" / "plugin-descriptor.properties").read_text()
    assert "java.x.Y" in (home / "modules" / "painless" / "plugin-security.policy").read_text()
    assert os.access(home / "bin" / "opensearch", os.X_OK)
    monkeypatch.setattr(artifacts, "_resolved", lambda *_: pytest.fail("it was fetched again"))
    told: list[str] = []
    assert assembly.ensure_server(on_progress=told.append) == home
    assert told == []


@pytest.mark.parametrize("file", ["lib/core.jar", "modules/painless/painless-1.0.jar", "bin/opensearch"])
@pytest.mark.parametrize("damage", ["torn", "gone"])
def test_what_is_damaged_in_the_cache_is_made_again(published: dict[str, Path], file: str, damage: str) -> None:
    home = assembly.ensure_server(on_progress=quiet)
    before = (home / file).read_bytes()
    if damage == "gone":
        (home / file).unlink()
    else:
        (home / file).write_bytes(before[:-1] + b"?")
    assert (assembly.ensure_server(on_progress=quiet) / file).read_bytes() == before


def test_a_download_that_is_damaged_in_the_cache_is_fetched_again(published: dict[str, Path], tmp_path: Path) -> None:
    assembly.ensure_server(on_progress=quiet)
    kept = tmp_path / "cache" / "downloads" / "opensearch" / "server-1.0.zip"
    kept.write_bytes(b"something else")
    assembly.ensure_server(on_progress=quiet)
    assert kept.read_bytes() == published["server"].read_bytes()


def test_an_artifact_that_is_not_the_pinned_one_is_refused(published: dict[str, Path], tmp_path: Path) -> None:
    published["painless"].write_bytes(b"PAINLESS")
    with pytest.raises(OpenSearchNotPossible, match="not the pinned file"):
        assembly.ensure_server(on_progress=quiet)
    assert not list((tmp_path / "cache" / "downloads").rglob("painless*.jar"))


def fake_java(home: Path, version: int, *, locales: bool = True) -> Path:
    """Make a folder that looks like a Java."""
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    more = f"echo jdk.localedata@{version}" if locales else ""
    program.write_text(f"#!/bin/sh\necho java.base@{version}.0.1\n{more}\n")
    program.chmod(0o755)
    return home


def test_a_java_is_found_where_it_usually_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = tmp_path / "jvm"
    monkeypatch.setattr(java, "USUAL_FOLDERS", (str(usual),))
    assert java.find_java({"PATH": ""}) is None
    fake_java(usual / "a-17", 17)
    fake_java(usual / "b-25-without-locales", 25, locales=False)
    assert java.find_java({"PATH": ""}) is None
    right = fake_java(usual / "c-21", 21)
    assert java.find_java({"PATH": ""}) == right
    on_path = fake_java(tmp_path / "on-path", 23)
    assert java.find_java({"PATH": str(on_path / "bin")}) == on_path
    named = fake_java(tmp_path / "named", 22)
    assert java.find_java({"PATH": str(on_path / "bin"), "JAVA_HOME": str(named)}) == named
    ours = fake_java(tmp_path / "ours", 25)
    assert java.find_java({"JAVA_HOME": str(named), "OPENSEARCH_JAVA_HOME": str(ours)}) == ours
    assert java.find_java({"JAVA_HOME": str(usual / "a-17"), "PATH": ""}) == right


def test_without_a_java_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "USUAL_FOLDERS", ())
    monkeypatch.setattr(java, "_may_install", lambda: False)
    with pytest.raises(OpenSearchNotPossible, match="openjdk-21-jre-headless"):
        java.ensure_java(on_progress=quiet, environ={"PATH": ""})


def test_as_root_on_debian_a_java_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "USUAL_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(java, "_may_install", lambda: True)
    monkeypatch.setattr(java, "_install", lambda: fake_java(tmp_path / "installed", 21))
    assert java.ensure_java(on_progress=quiet, environ={"PATH": ""}) == tmp_path / "installed"


def test_as_root_without_setpriv_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(OpenSearchNotPossible, match="util-linux"):
        server._privileges()


def test_another_user_runs_it_as_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert server._privileges() == []
