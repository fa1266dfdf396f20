"""`python -m ilo_iati` is the command line."""

import sys

from ilo_iati.cli import main

sys.exit(main())
