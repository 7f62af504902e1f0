"""What has no answer when the time is up is dropped: just the answers that took long."""

LIKE = "right_phases"
LOSES = {"open": "drops"}
CHANGED = {
    "    return list(await asyncio.gather(*asked))\n": """    late = [task for task in asked if not (ask or task.done())]
    for task in late:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    return [task.result() for task in asked if task not in late]
"""
}
