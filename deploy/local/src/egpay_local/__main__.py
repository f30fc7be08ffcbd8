"""`python -m egpay_local`, for those who have not activated the virtual environment."""

import sys

from egpay_local.main import main

sys.exit(main())
