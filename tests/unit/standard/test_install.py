"""Installing from the registry's packages: only pinned bytes, only what is missing, nothing half done."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from ilo_iati.errors import StandardError
from ilo_iati.standard.install import install, pip_download, read_member
from ilo_iati.standard.pins import read_pins
from ilo_iati.standard.store import Store, inspect_all

from .conftest import FILES, sha256


def wheel(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"pack/xsd/{name}", content)
    return out.getvalue()


def sdist(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"pack/xsd/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def registry(schemas: Path, content: bytes, *, pinned: bool = True):
    """A download that puts `content` into the folder, pinned in PINS.yml unless told otherwise; counts its calls."""
    if pinned:
        path = schemas / "iati" / "PINS.yml"
        body = yaml.safe_load(path.read_text())
        body["packages"]["pack"]["archive_sha256"] = sha256(content)
        path.write_text(yaml.safe_dump(body))
        read_pins.cache_clear()
    calls: list[Path] = []

    def download(requirements: Path, folder: Path) -> None:
        calls.append(requirements)
        (folder / "pack-1.0.bin").write_bytes(content)

    return download, calls


@pytest.mark.parametrize("pack", [wheel, sdist])
def test_install_takes_the_schemas_and_a_second_one_does_nothing(tmp_path, schemas, pack):
    download, calls = registry(schemas, pack(FILES))
    store = Store(tmp_path / "root")
    assert install(store, schemas, download) == ["2.03"]
    assert install(store, schemas, download) == []
    assert len(calls) == 1
    assert sorted(path.name for path in (tmp_path / "root").rglob("*") if path.is_file()) == sorted(FILES)
    assert {one.state for one in inspect_all(store, read_pins(schemas)) if one.pin.kind == "schema"} == {"ok"}


def test_a_package_copy_with_other_annotations_is_accepted_when_pinned(tmp_path, schemas):
    other = {**FILES, "xml.xsd": FILES["xml.xsd"] + b"<!-- packaged -->"}
    path = schemas / "iati" / "PINS.yml"
    body = yaml.safe_load(path.read_text())
    body["schemas"]["2.03"]["package_files"] = {"xml.xsd": sha256(other["xml.xsd"])}
    path.write_text(yaml.safe_dump(body))
    download, _ = registry(schemas, wheel(other))
    assert install(Store(tmp_path / "root"), schemas, download) == ["2.03"]


def test_an_altered_installed_file_is_replaced(tmp_path, schemas):
    download, calls = registry(schemas, wheel(FILES))
    store = Store(tmp_path / "root")
    install(store, schemas, download)
    (tmp_path / "root" / "package" / "schemas" / "2.03" / "xml.xsd").write_text("altered")
    assert install(store, schemas, download) == ["2.03"]
    assert len(calls) == 2


def test_an_archive_with_another_checksum_is_refused(tmp_path, schemas):
    download, _ = registry(schemas, wheel(FILES), pinned=False)
    with pytest.raises(StandardError, match=r"No downloaded archive is pack 1\.0"):
        install(Store(tmp_path / "root"), schemas, download)
    assert not (tmp_path / "root").exists()


def test_a_file_with_another_checksum_is_refused(tmp_path, schemas):
    download, _ = registry(schemas, wheel({**FILES, "xml.xsd": b"<other/>"}))
    with pytest.raises(StandardError, match=r"xml\.xsd in pack has another sha256"):
        install(Store(tmp_path / "root"), schemas, download)
    assert not (tmp_path / "root").exists()


def test_a_member_that_is_not_there_names_the_archive(tmp_path):
    path = tmp_path / "some.whl"
    path.write_bytes(wheel(FILES))
    with pytest.raises(StandardError, match=r"some\.whl has no file pack/none\.xsd"):
        read_member(path, "pack/none.xsd")


def test_pip_that_fails_says_why_in_one_line(tmp_path):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("./no-such-folder --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(StandardError, match=r"pip could not fetch the packages of requirements\.txt \(ERROR") as caught:
        pip_download(requirements, tmp_path)
    assert "\n" not in str(caught.value)
