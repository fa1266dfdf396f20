"""Fingerprints ignore layout and see every published word; comparisons name what changed."""

from decimal import Decimal

import pytest

from ilo_iati.history import compare, fingerprint, fingerprint_table

ACTIVITY = """<iati-activity default-currency="USD" last-updated-datetime="{stamp}"{more}>
  <iati-identifier>XX-1-{number}</iati-identifier>
  <title><narrative>{title}</narrative></title>
  <transaction><transaction-type code="1"/><transaction-date iso-date="2020-03-01"/>
    <value value-date="2020-03-01">{amount}</value><provider-org ref="SE-0"/></transaction>
</iati-activity>"""


def activity(number=1, title="Work", amount="100.50", stamp="2026-01-01T00:00:00", more=""):
    return ACTIVITY.format(number=number, title=title, amount=amount, stamp=stamp, more=more)


@pytest.fixture
def publish(tmp_path):
    def write(*activities):
        path = tmp_path / f"f{len(list(tmp_path.iterdir()))}.xml"
        path.write_text('<iati-activities version="2.03">\n' + "\n".join(activities) + "\n</iati-activities>")
        return path

    return write


def test_layout_and_export_stamp_do_not_count(publish):
    plain = publish(activity())
    other = publish(activity(stamp="2026-02-02T00:00:00").replace("\n  ", "").replace("'", '"'))
    assert compare(fingerprint(plain), fingerprint(other)).is_same


def test_a_changed_word_names_its_element(publish):
    result = compare(fingerprint(publish(activity())), fingerprint(publish(activity(title="Decent work"))))
    assert [(c.identifier, c.elements) for c in result.changed] == [("XX-1-1", ("title",))]
    assert result.money == ()


def test_a_changed_attribute_of_the_activity_is_seen(publish):
    result = compare(fingerprint(publish(activity())), fingerprint(publish(activity(more=' humanitarian="1"'))))
    assert result.changed[0].elements == ("@",)


def test_added_removed_unchanged(publish):
    result = compare(
        fingerprint(publish(activity(1), activity(2))), fingerprint(publish(activity(2), activity(3, amount="7")))
    )
    assert (result.added, result.removed, result.unchanged) == (("XX-1-3",), ("XX-1-1",), 1)


def test_money_moved_by_type_year_provider_and_currency(publish):
    result = compare(fingerprint(publish(activity())), fingerprint(publish(activity(amount="-20"))))
    (moved,) = result.money
    assert (moved.transaction_type, moved.year, moved.provider, moved.currency) == ("1", "2020", "SE-0", "USD")
    assert moved.difference == Decimal("-120.50")


def test_an_amount_that_is_no_number_is_not_counted_as_money(publish):
    (one,) = fingerprint(publish(activity(amount="1,000")))
    assert one.money == ()


def test_repeated_identifiers_are_one_entry(publish):
    twice = publish(activity(), activity(title="Second"))
    assert compare(fingerprint(twice), fingerprint(publish(activity(title="Second"), activity()))).is_same
    assert compare(fingerprint(twice), fingerprint(publish(activity()))).changed


def test_table_has_a_row_an_activity_and_none_for_an_unreadable_file(publish, tmp_path):
    assert fingerprint_table(publish(activity(1), activity(2))).num_rows == 2
    broken = tmp_path / "empty.xml"
    broken.write_bytes(b"")
    assert fingerprint_table(broken).num_rows == 0
