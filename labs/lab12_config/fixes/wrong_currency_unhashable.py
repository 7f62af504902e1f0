"""Only what was thought of is caught: a list as currency is no member of a set, but a TypeError."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "stuck",
    "told": "not_counted",
}
CHANGED = {
    'CURRENCIES = ("EUR", "USD", "GBP")': 'CURRENCIES = {"EUR", "USD", "GBP"}',
    """\
        except Exception as error:  # whatever is in the file: also a RecursionError
""": """\
        except (Refused, ValueError, RecursionError) as error:
""",
}
