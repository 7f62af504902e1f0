"""A page is a page: which one is not looked at."""

LIKE = "right_phases"
LOSES = {"said": "missed_pages"}
CHANGED = {
    "    return answer.body.get(said) == asked\n": """    if answer.kind == "page":
        return said in answer.body
    return answer.body.get(said) == asked
"""
}
