"""The PostgreSQL server of a live run: started for it, watched from outside, gone with it."""
