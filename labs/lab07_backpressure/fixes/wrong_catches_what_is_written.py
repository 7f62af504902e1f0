"""Catches the renderer's errors alone: an answer without a label ends a consumer, and its caller hears nothing."""

LIKE = "right_fair_bound"
LOSES = {"told": "errors_untold"}
CHANGED = {
    "from collections import Counter\n": "from collections import Counter\n\nimport aiohttp\n",
    "            except Exception:  # whatever it is: this caller hears no, and the consumer goes on\n": """\
            except aiohttp.ClientError:
""",
}
