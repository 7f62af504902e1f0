"""What really goes wrong with an order, and what an order costs: decided here, below the repair.

Each is a pure function of the run's seed and of the order, so the gateway, which runs no repair, comes to the same answer
as the service in which it happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any
from zlib import crc32

FAMILIES = ("chair", "table", "shelf", "lamp")
SLOW_FAMILY = "lamp"
"""Pricing asks an old rebate system about these, and that takes long."""
NEW_NUMBER = 9
"""A product with this number is in the shop's catalogue, and not yet in the price book."""
RUSH_NUMBER = 0
"""A product with this number is on offer today: a script orders it, and the limiter before pricing refuses the orders."""


class UnknownProduct(LookupError):
    """The price book has no such product."""


class DiskFull(OSError):
    """The stock book could not be written."""


class StockLocked(TimeoutError):
    """Another process held the stock book for too long."""


class TooManyOrders(Exception):
    """The limiter before pricing let no more orders in. Never raised: it is answered 429, before pricing's module."""


PASSES = {
    "": ("shop", "inventory", "pricing"),
    UnknownProduct.__name__: ("shop", "inventory", "pricing"),
    DiskFull.__name__: ("shop", "inventory"),
    StockLocked.__name__: ("shop", "inventory"),
    TooManyOrders.__name__: ("shop", "inventory"),
}
"""The services that an order passes, by the error that it meets; "" for none. The last is where it begins."""


def stock_error(seed: int, order: str, settings: Mapping[str, Any]) -> Exception | None:
    """What the stock book does to this order; None if it is written.

    Settings: `disk_full` and `stock_locked`, shares of the orders.
    """
    drawn = Random(f"disk {seed} {order}").random()
    if drawn < settings["disk_full"]:
        return DiskFull(28, "No space left on device", "stock.book")
    if drawn < settings["disk_full"] + settings["stock_locked"]:
        return StockLocked("the stock book was locked by another process")
    return None


def price_error(product: str, settings: Mapping[str, Any]) -> Exception | None:
    """What the price book does to this product; None if it has a price.

    Settings: `prices_missing`, whether the new products still lack one.
    """
    if settings["prices_missing"] and product.endswith(f"-{NEW_NUMBER}"):
        return UnknownProduct(f"no price for {product}")
    return None


def refused(product: str) -> bool:
    """Does the limiter before pricing refuse an order for this product?"""
    return product.endswith(f"-{RUSH_NUMBER}")


def first_error(seed: int, order: str, product: str, settings: Mapping[str, Any]) -> str:
    """The type of the error that ends this order; "" if none does. Stock is written before the price is asked."""
    if error := stock_error(seed, order, settings):
        return type(error).__name__
    if refused(product):
        return TooManyOrders.__name__
    error = price_error(product, settings)
    return type(error).__name__ if error else ""


def cents(product: str) -> int:
    """What a product costs."""
    return 1_000 + crc32(product.encode()) % 50_000
