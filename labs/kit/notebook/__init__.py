"""The learner's notebook: the handle on a lab, magics, the repair cell, checks, notes, the dashboard."""
