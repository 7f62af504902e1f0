"""What the answers of the shop must be, for some customers: from the data itself, and what the partner changed in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labs.kit import HttpRequest
from labs.lab03_database import data
from labs.lab03_database.scenarios import ARCHIVE_PAGE

PAGE = 20
STATUSES = ("open", "packed", "shipped", "closed")
Item = tuple[str, int]
_SELECT = "select id, customer_id, status, created_at, total_cents from orders"

WRONG = {
    "malformed": "the answer has not the form that broken.py gives",
    "missing_orders": "orders are missing that belong there, or others stand in their place",
    "wrong_order": "the orders stand in another sequence",
    "missing_items": "items of an order are missing",
    "wrong_items": "the items of an order are not its own, or stand in another sequence",
    "stale": "an order is shown as it was before the warehouse changed it",
    "wrong_values": "a value of an order is wrong",
    "not_stored": "an import was answered as stored, and the disk of the database was full",
    "taken_id": "a file was answered as stored, and the id of one of its orders was another order's",
    "by_half": "a file was refused, and some of its orders are stored",
    "two_moments": "a page is neither as it was before an import nor as it is after it",
    "no_database": "a page was shown while the database did not answer; that is an error, and no page",
}
"""What may be wrong with an answer, the first that fits."""


@dataclass(frozen=True)
class Order:
    """One order, as a page of its customer shows it; `customer` is shown in the archive."""

    id: int
    customer: int
    status: str
    created_at: str
    total_cents: int
    items: tuple[Item, ...] = ()


class Truth:
    """The orders of some customers, and the archive."""

    def __init__(self, customers: Sequence[int]) -> None:
        self.before: dict[int, Order] = {}
        """Each changed order as it was before its last change, by id."""
        self._statuses: dict[int, str] = {}
        self._deleted: list[int] = []
        self._data = data.in_memory()
        self._orders: dict[int, list[Order]] = {customer: [] for customer in customers}
        marks = ",".join("?" * len(customers))  # one walk through all orders for all of the customers
        for row in self._data.execute(f"{_SELECT} where customer_id in ({marks})", list(customers)):
            self._orders[row[1]].append(Order(*row))
        for customer, orders in self._orders.items():
            self._orders[customer] = [
                replace(order, items=self._items(order.id)) if place < 2 * PAGE else order
                for place, order in enumerate(_newest_first(orders))
            ]

    def close(self) -> None:
        """Let go of the data."""
        self._data.close()

    def _items(self, order: int) -> tuple[Item, ...]:
        sql = "select sku, quantity from items where order_id = ? order by line"
        return tuple(self._data.execute(sql, (order,)))

    def page(self, customer: int) -> list[Order]:
        """What the customer's page must show."""
        return self._orders[customer][:PAGE]

    def change(self, customer: int, order: int, status: str, quantity: int) -> None:
        """An order of the customer has another status now, and its first item another quantity."""
        rows = self._orders[customer]
        place = next(i for i, row in enumerate(rows) if row.id == order)
        self.before[order] = rows[place]
        (sku, _), *others = rows[place].items
        rows[place] = replace(rows[place], status=status, items=((sku, quantity), *others))
        self._statuses[order] = status

    def add(self, customer: int, made: Sequence[dict[str, Any]]) -> None:
        """The customer has more orders now, in the form in which they were imported."""
        self._orders[customer] = self._with(customer, made)

    def page_with(self, customer: int, made: Sequence[dict[str, Any]]) -> list[Order]:
        """What the customer's page must show once these orders are added."""
        return self._with(customer, made)[:PAGE]

    def _with(self, customer: int, made: Sequence[dict[str, Any]]) -> list[Order]:
        more = [
            Order(
                o["id"], customer, o["status"], o["created_at"], o["total_cents"],
                tuple((item["sku"], item["quantity"]) for item in o["items"]),
            )
            for o in made
        ]  # fmt: skip
        return _newest_first([*self._orders[customer], *more])

    def delete(self, orders: Sequence[int]) -> None:
        """Orders of customers whose pages nobody here looks at are gone."""
        self._data.executemany("delete from orders where id = ?", [(order,) for order in orders])
        self._deleted = sorted([*self._deleted, *orders])

    def before_page(self, page: int) -> int:
        """The id of the last order before a page of the archive: ids begin at 1, and some are missing."""
        last = page * ARCHIVE_PAGE
        for order in self._deleted:
            last += order <= last
        return last

    def archive(self, page: int, size: int = ARCHIVE_PAGE) -> list[Order]:
        """What a page of the archive must show, or as many orders from there on."""
        sql = f"{_SELECT} where id > ? order by id limit ?"
        rows = [Order(*row) for row in self._data.execute(sql, (self.before_page(page), size))]
        return [replace(row, status=self._statuses.get(row.id, row.status)) for row in rows]


def _newest_first(orders: Sequence[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: (order.created_at, order.id), reverse=True)


def wrong(body: str, right: Sequence[Order], before: Mapping[int, Order] | None = None) -> tuple[str, str]:
    """What is wrong with an answer: (a word of WRONG or "", an example).

    Without `before` it is a page of the archive. For a customer's page, which has items, see `Truth.before`.
    """
    try:
        got = [_order(row, with_items=before is not None) for row in json.loads(body)["orders"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "malformed", body[:200]
    return _compare(got, right, before or {})


def wrong_page(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What can be told to be wrong with a customer's page without the data: its form. The partner knows some customers."""
    rows = [_order(row, with_items=True) for row in json.loads(body)["orders"]]
    if len({row.id for row in rows}) != PAGE or len(rows) != PAGE:
        return f"{len(rows)} orders in place of {PAGE}"
    if not all(row.items for row in rows):
        return "orders without their items"
    return "" if rows == _newest_first(rows) else "orders in another sequence"


def _order(row: Any, *, with_items: bool) -> Order:
    customer = 0 if with_items else row["customer_id"]
    items = tuple((item["sku"], item["quantity"]) for item in row["items"]) if with_items else ()
    order = Order(row["id"], customer, row["status"], row["created_at"], row["total_cents"], items)
    plain = (order.id, order.total_cents, customer, *(quantity for _, quantity in items))
    if any(type(value) is not int for value in plain):
        raise TypeError("a number is not one")
    return order


def _compare(got: Sequence[Order], right: Sequence[Order], before: Mapping[int, Order]) -> tuple[str, str]:
    ids, wanted = [order.id for order in got], [order.id for order in right]
    if sorted(ids) != sorted(wanted):
        return "missing_orders", f"{len(set(wanted) - set(ids))} of {len(wanted)} orders are not on the page"
    if ids != wanted:
        place = next(i for i, (one, other) in enumerate(zip(ids, wanted, strict=True)) if one != other)
        return "wrong_order", f"order {ids[place]} stands where order {wanted[place]} belongs"
    for one, other in zip(got, right, strict=True):
        if len(one.items) < len(other.items):
            return "missing_items", f"order {one.id} shows {len(one.items)} of its {len(other.items)} items"
        earlier = before.get(one.id, other)
        if one.items != other.items:
            kind = "stale" if one.items == earlier.items else "wrong_items"
            return kind, f"order {one.id} shows the items {list(one.items)[:3]}, it has {list(other.items)[:3]}"
        if one.status != other.status:
            kind = "stale" if one.status == earlier.status else "wrong_values"
            return kind, f"order {one.id} is shown as {one.status!r}; it is {other.status!r}"
        if (one.created_at, one.total_cents) != (other.created_at, other.total_cents):
            return "wrong_values", f"order {one.id} is shown with {one.created_at}, {one.total_cents}"
        if one.customer and one.customer != other.customer:
            return "wrong_values", f"order {one.id} is shown as customer {one.customer}'s; it is {other.customer}'s"
    return "", ""
