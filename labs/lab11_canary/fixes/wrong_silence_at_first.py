"""Whether the new version answers is asked in the first stage only: a health check after the deployment."""

LIKE = "right_sequential"
LOSES = {"silence": "silent_later"}
CHANGED = {"(self.silent(now) or self.worse(now))": "(self.seconds < STAGES[0][1] and self.silent(now) or self.worse(now))"}
