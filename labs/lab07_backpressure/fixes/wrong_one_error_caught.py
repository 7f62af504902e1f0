"""Catches what it has seen; any other error ends the consumer, its job is never answered, and run() begins two more."""

LIKE = "right_fair_bound"
LOSES = {"failing": "left_waiting"}
CHANGED = {
    "from collections import Counter\n": "from collections import Counter\n\nimport aiohttp\n",
    "            except Exception:  # whatever it is: this caller hears no, and the consumer goes on\n": """\
            except aiohttp.ClientError:
""",
}
