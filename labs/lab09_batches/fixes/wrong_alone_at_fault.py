"""A record that is asked alone is taken for the fault of whatever is raised: a reset just then is kept as its reason."""

LIKE = "right_transaction"
LOSES = {"set_aside": "reset_for_reason"}
CHANGED = {
    """
    except ValueError as error:
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
""": """
    except Exception as error:
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
        if not isinstance(error, ValueError):
            raise
""",
}
