"""Code that both worlds use for the bytes of a link: the effect of faults, and the exchanges that pass."""
