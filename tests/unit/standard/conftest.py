"""A small standard of one version with our own schemas, and a loopback server to fetch it from."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from ilo_iati.spec.codelist import list_pins, read_mapping
from ilo_iati.standard.pins import read_pins

XSD = b"""<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:include schemaLocation="iati-common.xsd"/>
<xsd:element name="%s"><xsd:complexType>
<xsd:attribute name="version" type="versionType" use="required"/></xsd:complexType>
</xsd:element></xsd:schema>"""

FILES = {
    "iati-activities-schema.xsd": XSD % b"iati-activities",
    "iati-organisations-schema.xsd": XSD % b"iati-organisations",
    "iati-common.xsd": b"""<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<xsd:simpleType name="versionType"><xsd:restriction base="xsd:string"/></xsd:simpleType></xsd:schema>""",
    "xml.xsd": b"""<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"/>""",
}
RULESET = b'{"//iati-activity": {}}'
HEADER = "code,name,category,status,activation_date,withdrawal_date,first_version,last_version\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def official_xml(name: str, codes: dict[str, str], complete: str = "1") -> bytes:
    """A list as the standard's website serves it; a name that begins with '-' makes a withdrawn code."""
    items = ""
    for code, label in codes.items():
        state = ' status="withdrawn" withdrawal-date="2024-01-31"' if label.startswith("-") else ""
        items += f"<codelist-item{state}><code>{code}</code><name><narrative>{label.lstrip('-')}</narrative>"
        items += f'<narrative xml:lang="fr">fr {code}</narrative></name></codelist-item>'
    return f'<codelist name="{name}" complete="{complete}"><codelist-items>{items}</codelist-items></codelist>'.encode()


@dataclass
class Web:
    """A loopback server: `pages` by path; every request is kept in `asked`."""

    url: str
    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            if self.path in server.moved:
                self.send_response(302)
                self.send_header("Location", server.moved[self.path])
                self.end_headers()
                return
            status, body = server.pages.get(self.path, (404, b"<html>not here</html>"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    http.shutdown()
    http.server_close()


@pytest.fixture
def schemas(tmp_path: Path, web: Web) -> Iterator[Path]:
    """A schemas/ folder of one version, 2.03, pinned to the loopback server, which serves the right files."""
    folder = tmp_path / "schemas"
    (folder / "iati").mkdir(parents=True)
    (folder / "codelists").mkdir()
    _pin_files(folder, web)
    _lists(folder)
    yield folder
    for cached in (read_pins, list_pins, read_mapping):
        cached.cache_clear()


def _pin_files(folder: Path, web: Web) -> None:
    base = {"repository": "IATI/Some", "commit": "c0ffee"}
    pins = {
        "about": "pins of a test",
        "raw_url": web.url,
        "lists_url": f"{web.url}/lists",
        "packages": {"pack": {"version": "1.0", "archive_sha256": "0" * 64, "why": "test"}},
        "schemas": {
            "2.03": {
                **base,
                "package": "pack",
                "package_folder": "pack/xsd",
                "files": {name: sha256(content) for name, content in FILES.items()},
            }
        },
        "mappings": {"2.03": {**base, "files": {"mapping.xml": sha256(b"<mappings/>")}}},
        "rulesets": {"2.03": {**base, "files": {"rulesets/standard.json": sha256(RULESET)}}},
    }
    (folder / "iati" / "PINS.yml").write_text(yaml.safe_dump(pins))
    (folder / "iati" / "requirements.txt").write_text("pack==1.0\n")
    (folder / "iati" / "mapping.csv").write_text(
        "version,path,codelist,condition,rule_id,category,basis\n"
        "2.03,//iati-activity/x/@code,Colour,@vocabulary = '1',9.1.1,geo,published\n2.03,//a/@b,Colour,,,,\n"
    )
    served = {**FILES, "mapping.xml": b"<mappings/>", "rulesets/standard.json": RULESET}
    web.pages.update({f"/IATI/Some/c0ffee/{name}": (200, content) for name, content in served.items()})


def _lists(folder: Path) -> None:
    (folder / "codelists" / "Colour.csv").write_text(
        HEADER + "1,Red,,active,,,1.04,2.03\n2,Green,,active,,,1.04,2.03\n3,Blue,,withdrawn,,2020-01-01,1.04,2.03\n"
    )
    (folder / "codelists" / "Shape.csv").write_text(
        HEADER + "C,Round,,active,,,1.04,1.05\n1,Round,,active,,,2.01,2.03\n2,Square,,active,,,2.03,2.03\n"
    )
    files = dict.fromkeys(("1.04", "1.05", "2.01", "2.02", "2.03"), "0" * 64)
    pins = {
        "about": "lists of a test",
        "restated": "2026-01-01",
        "origins": {"any": {}},
        "lists": {
            "Colour": {"kind": "non-embedded", "complete": False, "files": {"any": "0" * 64}},
            "Shape": {"kind": "embedded", "complete": True, "files": files},
        },
    }
    (folder / "codelists" / "PINS.yml").write_text(yaml.safe_dump(pins))
