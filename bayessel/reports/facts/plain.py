"""Facts as JSON has them."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

_DIGITS = 6


def plain(value: Any) -> Any:
    """Dataclasses, tuples and numbers as plain data: six significant digits, None for NaN."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    return value
