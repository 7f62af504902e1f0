"""A bad file is skipped; nothing says that it was."""

LIKE = "right_snapshot"
LOSES = {
    "told": "no_reason",
}
CHANGED = {
    """\
            self.refused += 1
            self.reason = f"{type(error).__name__}: {error}"
            self.log.error("configuration refused", reason=self.reason, version=self.version)
""": "",
    "except Exception as error:  # whatever": "except Exception:  # whatever",
}
