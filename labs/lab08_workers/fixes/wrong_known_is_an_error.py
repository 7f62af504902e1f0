"""An order that is known already is an error of the database, and so a 500: who lost his yes hears no for ever."""

LIKE = "right_lease"
LOSES = {"once": "again_refused"}
CHANGED = {"insert or ignore into jobs": "insert into jobs"}
