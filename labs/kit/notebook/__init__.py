"""What a learner's notebook says: the handle on a lab, magics, the repair cell, checks, notes, the dashboard."""
