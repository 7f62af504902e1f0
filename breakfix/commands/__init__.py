"""The larger commands of `breakfix`, one file each, and the code that they share."""
