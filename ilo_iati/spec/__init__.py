"""schemas/ read into frozen objects. Nothing here opens a network connection, a database or a published dataset."""
