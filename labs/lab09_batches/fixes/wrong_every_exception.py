"""Whatever predict() raises is taken for the record's fault: a reset of the model sets good events aside."""

LIKE = "right_transaction"
LOSES = {"set_aside": "innocent", "once": "lost"}
CHANGED = {
    """
    except ValueError as error:
        if len(rows) == 1:
            return [], [(rows""": """
    except Exception as error:
        if len(rows) == 1:
            return [], [(rows""",
}
