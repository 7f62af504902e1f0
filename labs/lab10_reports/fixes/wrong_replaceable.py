"""Triggers on update and delete: `insert or replace` fires neither of them, and changes a row."""

LIKE = "right_summary"
LOSES = {"sealed": "replaced_past_triggers"}
CHANGED = {
    """create trigger if not exists audit_grows before insert on audit when new.seq <= (select max(seq) from audit)
begin select raise(abort, 'the audit is append-only'); end;
""": "",
}
