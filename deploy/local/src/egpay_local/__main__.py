"""Entry point `python -m egpay_local`, because not every shell has the virtual environment active."""

import sys

from egpay_local.main import main

sys.exit(main())
