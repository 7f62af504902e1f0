"""A refused record gets the score 0: nothing stops, and nobody can tell it from a score."""

LIKE = "right_transaction"
LOSES = {"true": "untrue", "set_aside": "not_set_aside", "errors": "not_refused"}
CHANGED = {
    """
    except ValueError as error:
        if len(rows) == 1:
            return [], [(rows[0][0], str(error))]
""": """
    except ValueError:
        if len(rows) == 1:
            return [(rows[0][0], 0)], []
""",
    """
        except ValueError as error:
            if len(batch) == 1:
                settle(batch, error=error)
""": """
        except ValueError:
            if len(batch) == 1:
                settle(batch, [0])
""",
}
