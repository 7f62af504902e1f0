"""What is graded."""
from labs.kit import Finding, Run, check

@check("x", needs="review", at_least=0.6, unit="share", points=3, hint="x")
def finds(run: Run) -> Finding:
    """."""
    return Finding(False, 0, "x", "x")

CHECKS = (finds,)
