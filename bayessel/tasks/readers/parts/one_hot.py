"""Winners in a column each: ``winner_model_a``, ``winner_model_b`` and ``winner_tie``."""

from __future__ import annotations

from dataclasses import replace

from bayessel.errors import DataError
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.columns import Column
from bayessel.tasks.readers.parts.headers import ONE_HOT, plain
from bayessel.tasks.readers.parts.rows import Rows


def with_winner(rows: Rows) -> Rows:
    """Votes with one column ``winner``, as they are where they have that.

    Raises
    ------
    DataError
        A row has several winners, or a value is not 0 or 1.
    """
    found = {plain(header): header for header in rows.columns}
    if "winner" in found or not set(ONE_HOT[:2]) <= found.keys():
        return rows
    sides = {name.removeprefix("winner_"): found[name] for name in ONE_HOT if name in found}
    told = {
        side: rows.columns[header].read(_is_one, rows.at).tolist() for side, header in sides.items()
    }
    winners = []
    for row in range(len(rows)):
        won = [side for side, of in told.items() if of[row]]
        if len(won) > 1:
            raise DataError(f"{rows.at(row)}: {' and '.join(won)} have won: keep one winner")
        winners.append(won[0] if won else None)
    columns = {name: c for name, c in rows.columns.items() if name not in sides.values()}
    return replace(rows, columns={**columns, "winner": Column.of(winners)})


def _is_one(value: object, where: object) -> bool:
    if values.is_blank(value):
        return False
    number = values.number(float(value) if isinstance(value, bool) else value, "winner", where)
    if number not in (0.0, 1.0):
        raise DataError(f"{where}: the winner's column is {number:g}; write 1 or 0")
    return bool(number)
