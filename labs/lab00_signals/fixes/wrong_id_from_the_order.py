"""The order's name is used as the request's id: no context is needed, but the caller's id ends at the shop."""

LIKE = "right_contextvar"
LOSES = {"same_id": "id_of_the_shop", "told": "other_id", "quiet": "false_alarms"}
CHANGED = {
    """
from contextvars import ContextVar""": "",
    """
REQUEST_ID: ContextVar = ContextVar("request_id", default="")""": "",
    """
        REQUEST_ID.set(request_id)""": "",
    'headers = {"X-Request-Id": REQUEST_ID.get()}': 'headers = {"X-Request-Id": question["order"]}',
}
