"""The larger commands of `breakfix`, one file each, and what they share."""
