"""A refused event is left out, and nobody learns of it."""

LIKE = "right_transaction"
LOSES = {"set_aside": "not_set_aside"}
CHANGED = {
    """
    except ValueError as error:
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
    middle""": """
    except ValueError:
        if len(rows) == 1:
            return [], []
    middle""",
}
