"""Tables as files: lines, records and columns of delimited text in whatever encoding, up to a typed Arrow table."""
