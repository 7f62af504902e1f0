"""lab03's alert rule: the share of database time that slow statements have, second by second."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from labs.lab03_database import alerts
from labs.lab03_database.database import SLOTS
from tests.kit.handmade import make_run


def test_a_rule_fires_below_the_highest_share_that_lasted() -> None:
    """The share of the column is the bound from which on the rule is quiet."""
    with patch.object(alerts, "shares", return_value=[0.9, 0.1, 0.6, 0.5, 0.0]):
        assert alerts.highest(make_run(), 0.05, 2) == 0.5
        assert alerts.fires_at(make_run(), 0.49, 0.05, 2) == 4.0
        assert alerts.fires_at(make_run(), 0.5, 0.05, 2) is None
        assert alerts.highest(make_run(), 0.05, 9) == 0.0


def test_a_second_holds_the_work_of_all_places() -> None:
    """A statement counts in the second in which it ended, and only if it was slow."""

    class Statement:
        def __init__(self, time: float, took_s: float) -> None:
            self.time, self.took_s = time, took_s

    seen = [Statement(0.4, 0.3), Statement(0.9, 0.5), Statement(2.0, 1.0), Statement(2.5, 0.01)]
    with patch.object(alerts.readings, "statements", return_value=seen):
        shares = alerts.shares(make_run(load_s=3.0), 0.05)
    assert shares == pytest.approx([0.8 / SLOTS, 0.0, 1.0 / SLOTS])
