"""The PostgreSQL server of a live run: started for the run, watched from outside, ended with the run."""
