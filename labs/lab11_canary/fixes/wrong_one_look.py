"""One look after a minute with a tenth of the users, at p < .05; then everybody."""

LIKE = "wrong_p05_each_second"
LOSES = {
    "lets_through": "halts_often",
    "caught": "missed_load",
    "harmed": "let_out",
    "rolled_back": "undecided",
}
CHANGED = {
    "STAGES = ((0.1, 25), (0.25, 25), (0.5, 30))": "STAGES = ((0.1, 60),)",
    "if now.share and (self.silent(now) or self.worse(now)):": (
        "worse = now.share and self.worse(now)\n        if now.share and (self.silent(now) or worse and self.seconds == 60):"
    ),
}
