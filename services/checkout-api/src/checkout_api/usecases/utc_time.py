"""UTC time as the API sends it: RFC 3339, which a schema calls `date-time`."""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec

UtcTime: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
