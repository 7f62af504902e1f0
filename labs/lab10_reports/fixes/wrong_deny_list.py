"""What a clerk and an auditor may not do is written down, and everybody else may do all."""

LIKE = "right_summary"
LOSES = {"access": "unknown_role", "refusals": "untold"}
CHANGED = {
    "        if action not in RIGHTS.get(who.role, ()):": """        denied = {
            "clerk": ("report", "correct", "trail"), "auditor": ("post", "correct"), "accountant": ("trail",),
        }
        if action in denied.get(who.role, ()):""",
    "import RIGHTS, SUSPENSE": "import SUSPENSE",
}
