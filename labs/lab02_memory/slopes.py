"""The alert rule of the page: how fast does memory grow, over a window that is long enough?"""

from __future__ import annotations

from collections.abc import Sequence

MB = 1_000_000


def slope_mb_per_min(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line through (second, bytes), in MB a minute; 0 for fewer than two points.

    What Prometheus calls deriv(): any text on simple linear regression has the formula.
    """
    if len(points) < 2:
        return 0.0
    mean_at = sum(at for at, _ in points) / len(points)
    mean = sum(value for _, value in points) / len(points)
    spread = sum((at - mean_at) ** 2 for at, _ in points)
    return sum((at - mean_at) * (value - mean) for at, value in points) / spread * 60 / MB


def steepest(points: Sequence[tuple[float, float]], for_s: float) -> float:
    """The steepest slope of any window of `for_s` seconds, in MB a minute; 0 where no window is full."""
    ends = [at for at, _ in points if at >= for_s]
    return max((slope_mb_per_min([point for point in points if at - for_s < point[0] <= at]) for at in ends), default=0.0)


def fires_at(points: Sequence[tuple[float, float]], above_mb_per_min: float, for_s: float) -> float | None:
    """The second at which the slope over the last `for_s` seconds is first above the bound; None if it never is."""
    for position, (at, _) in enumerate(points):
        window = [point for point in points[: position + 1] if point[0] > at - for_s]
        if at >= for_s and slope_mb_per_min(window) > above_mb_per_min:
            return at
    return None
