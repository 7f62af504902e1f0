"""What only authors' tools read, and no run and no verdict: a change here makes no run again."""
