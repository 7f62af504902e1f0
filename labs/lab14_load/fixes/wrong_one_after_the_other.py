"""A loop that asks, awaits the answer, and sleeps."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {
    "        asked.append(asyncio.create_task((ask or mixed)(town)))\n": "        asked.append(await (ask or mixed)(town))\n",
    "    return list(await asyncio.gather(*asked))\n": "    return asked\n",
}
