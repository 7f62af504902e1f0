"""`python -m breakfix` is `breakfix`."""

from __future__ import annotations

from breakfix.cli import main

if __name__ == "__main__":
    main()
