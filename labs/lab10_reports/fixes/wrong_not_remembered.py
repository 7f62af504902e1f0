"""Whether a correction was done is nowhere written: asked for again, it takes what came since."""

LIKE = "right_summary"
LOSES = {"corrected": "done_again"}
CHANGED = {"insert or ignore into corrections": "insert or replace into corrections"}
