"""A blocking call is reported at the coroutine, and not where it stands."""

LIKE = "right_names"
LOSES = {"lines": "misses_bf101", "gate": "both"}
CHANGED = {
    """\
                yield call.lineno, f"{full(tree, call.func)} blocks the event loop: await asyncio.to_thread(...)"
""": """\
                yield function.lineno, f"{full(tree, call.func)} blocks the event loop: await asyncio.to_thread(...)"
""",
}
