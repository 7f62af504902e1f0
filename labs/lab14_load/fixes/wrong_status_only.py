"""A 200 is a 200; what is in the answer is not read."""

LIKE = "right_phases"
LOSES = {"said": "missed_pages"}
CHANGED = {
    "    return answer.body.get(said) == asked\n": "    return True\n",
    '            assert first.body == again.body, "an order that came twice was charged twice"\n': "            pass\n",
    '    assert refused, "in the surge nobody was refused"\n': "",
}
