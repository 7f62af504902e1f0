"""What one declares and what one reads: a lab, its load and faults, the record of a run, verdicts, names."""
