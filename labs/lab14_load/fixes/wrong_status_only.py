"""A 200 is a 200; what is in the answer is not read."""

LIKE = "right_phases"
LOSES = {"said": "missed_mixed"}
CHANGED = {
    """    return "page" in answer.body if answer.kind == "page" else answer.body.get("order") == answer.name
""": "    return True\n",
    '            assert first.body == again.body, "an order that came twice was charged twice"\n': "            pass\n",
    '    assert refused, "in the surge nobody was refused"\n': "",
}
