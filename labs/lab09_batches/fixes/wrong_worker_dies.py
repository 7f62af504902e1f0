"""Only ValueError is caught: a reset of the model ends the worker, and everybody waits for ever."""

LIKE = "right_transaction"
LOSES = {"lone": "waits_after_rush", "errors": "not_again", "left_over": "lost_exception"}
CHANGED = {
    """
        except Exception as error:
            settle(batch, error=error)
        else:
            settle(batch, found)
""": """
        else:
            settle(batch, found)
""",
}
