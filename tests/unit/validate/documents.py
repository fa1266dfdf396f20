"""Sound IATI documents to break in one place each."""

from __future__ import annotations


def activity(number: int = 1, extra: str = "", middle: str = "") -> str:
    """A valid 2.03 activity; `middle` stands after the recipient, `extra` at the end."""
    return f"""<iati-activity default-currency="USD" xml:lang="en">
  <iati-identifier>XM-DAC-41302-{number}</iati-identifier>
  <reporting-org ref="XM-DAC-41302" type="40"><narrative>An agency</narrative></reporting-org>
  <title><narrative>Title</narrative></title>
  <description type="1"><narrative>Text</narrative></description>
  <participating-org role="1" type="40"><narrative>A donor</narrative></participating-org>
  <activity-status code="2"/>
  <activity-date type="2" iso-date="2020-01-01"/>
  <recipient-country code="KH"/>{middle}
  <sector vocabulary="1" code="16020"/>
  {extra}
</iati-activity>
"""


def wrap(*activities: str, version: str = '"2.03"', attributes: str = "") -> bytes:
    """A file of activities; the first begins on line 3."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    attribute = f" version={version}" if version else ""
    return f"{head}<iati-activities{attribute}{attributes}>\n{''.join(activities)}</iati-activities>\n".encode()
