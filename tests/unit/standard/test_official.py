"""Opening the standard: schemas by version, code lists by version, what provenance says."""

from __future__ import annotations

import pickle

import pytest
from lxml import etree

from ilo_iati.errors import StandardError
from ilo_iati.standard import open_standard
from ilo_iati.standard.store import Store, write_folder

from .conftest import FILES, RULESET


@pytest.fixture
def standard(tmp_path, schemas):
    root = tmp_path / "root"
    write_folder(root / "package" / "schemas" / "2.03", FILES)
    return open_standard(root, schemas=schemas)


def test_missing_schemas_say_what_to_run(tmp_path, schemas):
    with pytest.raises(StandardError, match=r"2\.03 are not in .*`ilo-iati standard install`"):
        open_standard(tmp_path / "empty", schemas=schemas)


def test_a_schema_is_compiled_once_and_validates(standard):
    schema = standard.schema("2.03", "iati-activities")
    assert schema is standard.schema("2.03", "iati-activities")
    assert schema.validate(etree.fromstring('<iati-activities version="2.03"/>'))
    assert not schema.validate(etree.fromstring("<iati-activities/>"))


@pytest.mark.parametrize(("version", "kind"), [("9.99", "iati-activities"), ("2.03", "iati-registry-record")])
def test_an_unknown_schema_is_refused(standard, version, kind):
    with pytest.raises(StandardError, match="no schema"):
        standard.schema(version, kind)


def test_an_altered_schema_is_refused(standard):
    path = standard.store.root / "package" / "schemas" / "2.03" / "iati-common.xsd"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(StandardError, match=r"iati-common\.xsd has sha256 .* not the pinned"):
        standard.schema("2.03", "iati-activities")


def test_the_first_layer_with_all_files_wins(tmp_path, schemas):
    root, snapshot = tmp_path / "root", tmp_path / "snapshot"
    write_folder(root / "package" / "schemas" / "2.03", FILES)
    write_folder(snapshot / "schemas" / "2.03", FILES)
    write_folder(root / "official" / "schemas" / "2.03", {"xml.xsd": FILES["xml.xsd"]})
    used = open_standard(root, snapshot, schemas).provenance()["schemas"]["2.03"]
    assert used["layer"] == "snapshot"
    assert used["origin"].endswith("/IATI/Some/c0ffee")
    write_folder(root / "official" / "schemas" / "2.03", FILES)
    assert Store(root, snapshot).locate(_pins(schemas))[0] == "official"


def _pins(schemas):
    from ilo_iati.standard.pins import read_pins

    return read_pins(schemas).of("schema", "2.03")


def test_provenance_names_package_and_checksums(standard):
    provenance = standard.provenance()
    assert provenance["schemas"]["2.03"]["layer"] == "package"
    assert provenance["schemas"]["2.03"]["origin"] == "pack 1.0"
    assert len(provenance["schemas"]["2.03"]["sha256"]) == 4
    assert provenance["codelists"]["refreshed"] == {}


def test_codes_depend_on_the_version(standard):
    assert standard.codes("Shape", "1.05").codes == {"C"}
    assert standard.codes("Shape", "2.02").codes == {"1"}
    assert standard.codes("Shape", "2.03").names == {"1": "Round", "2": "Square"}


def test_withdrawn_codes_are_codes_with_a_date(standard):
    colour = standard.codes("Colour", "2.03")
    assert colour.codes == {"1", "2", "3"}
    assert colour.withdrawn == {"3": "2020-01-01"}
    assert not colour.complete


@pytest.mark.parametrize(("name", "version"), [("Nothing", "2.03"), ("Colour", "1.01")])
def test_an_unknown_list_is_refused(standard, name, version):
    with pytest.raises(StandardError, match="no code list"):
        standard.codes(name, version)


def test_the_mapping_keeps_condition_and_rule_id(standard):
    first, second = standard.mapping("2.03")
    assert (first.path, first.condition, first.rule_id, first.category) == (
        "//iati-activity/x/@code",
        "@vocabulary = '1'",
        "9.1.1",
        "geo",
    )
    assert (second.condition, second.rule_id) == (None, None)
    assert standard.mapping("1.01") == ()


def test_the_official_ruleset_is_optional(standard):
    assert standard.ruleset("2.03") is None
    assert standard.ruleset("1.01") is None
    write_folder(standard.store.root / "official" / "rulesets" / "2.03", {"standard.json": RULESET})
    assert standard.ruleset("2.03") == {"//iati-activity": {}}


def test_a_worker_process_can_have_it(standard):
    again = pickle.loads(pickle.dumps(standard))
    assert again.codes("Colour", "2.03") == standard.codes("Colour", "2.03")
    assert again.schema("2.03", "iati-organisations") is not None
