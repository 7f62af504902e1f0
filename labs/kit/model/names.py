"""The names used in records: signals, kinds of events, parts of a live run. Each name is defined here once.

Signals have their names from OpenTelemetry's semantic conventions, where these define one.
"""

from __future__ import annotations

NS = 1_000_000_000
"""Nanoseconds per second. Times are whole nanoseconds wherever the two worlds must agree."""
MB = 1_000_000

# Kinds of events.
FAULT_ON, FAULT_OFF = "fault on", "fault off"
LOAD_CHANGED = "load"
DEPLOY, DEPLOY_FAILED = "deploy", "deploy failed"
MEMORY_LIMIT, OOM_KILL, RESTART = "memory limit", "oom kill", "restart"
KEPT = "kept"
"""The judge has read what a service kept (see `Kept`); the detail is JSON: {"rows": [...]}, or {"error": "..."}."""
ANSWER = "answer"
"""What a repair has said of itself, as the judge has read it (see `Lab.tailored`); the subject is the scenario."""
RUNBOOK, PAGED, STEP, ACTION, ACTION_FAILED = "runbook", "page", "step", "action", "action failed"
MET, NOT_MET, ROLLED_BACK, RUNBOOK_OVER = "as expected", "not met", "rolled back", "runbook over"
"""An operator follows the runbook of this SHA-256; what he does in the run. Subjects are services, steps, or the edge."""
BY_OPERATOR = "by the operator"
"""The detail of the events of a restart that an operator has ordered."""
KILLED = "kill"
"""The fault `Kill` has ended a process; the event has the time of the kill."""

# Signals of a service.
LOOP_LAG = "event_loop.lag"
MEMORY, MEMORY_PEAK, CPU = "process.memory.usage", "process.memory.peak", "process.cpu.utilization"
DESCRIPTORS, THREADS = "process.unix.file_descriptor.count", "process.thread.count"
ACTIVE_REQUESTS = "http.server.active_requests"
QUEUE_DEPTH, DATABASE_QUEUE = "queue.depth", "db.queue.depth"
QUEUES = (QUEUE_DEPTH, DATABASE_QUEUE)

# Signals of a database server.
CONNECTIONS, MOST_CONNECTIONS = "db.client.connection.count", "db.client.connection.max"
REFUSED_CONNECTIONS = "db.server.connection.refused"
IDLE, ACTIVE, IN_TRANSACTION = f"{CONNECTIONS}.idle", f"{CONNECTIONS}.active", f"{CONNECTIONS}.idle_in_transaction"

# Signals of the load and of the links.
SEND_LAG, IDLE_LAG = "load.send_lag", "load.idle_lag"
EXCHANGES = "link.exchanges"

# Signals of the judge.
DROPPED = "judge.dropped"
"""The number of lines of a service that were not rows, in the whole run; there is no such sample if there were none."""
COMPUTED = "judge.computed"
"""Seconds of declared work that a service was seen to compute, in the whole simulated run; no sample if there were none."""

# What is left over at the quiet end of a run; `Left.kind`.
CALLS_LEFT, CONNECTIONS_LEFT, DESCRIPTORS_LEFT = "calls", "connections", "descriptors"
STOP_HANGS = "stop hangs"
"""Seen by the judge, from outside."""
TASKS_LEFT, THREADS_LEFT, ERRORS_LEFT, TASKS_LOST = "tasks", "threads", "exceptions", "lost tasks"
NEVER_AWAITED, NEVER_CLOSED, KEPT_LEFT = "never awaited", "never closed", "kept"
INTACT, PATCHED = "intact", "patched"
STOP_FAILED = "stop failed"
"""Told by the service itself."""

# Parts of a live run; no service may have one of these names.
PROXY, LOAD, DATABASE = "the proxy", "the load", "database"
OPERATOR, EDGE = "operator", "edge"
"""Who follows a runbook, and where it sheds load."""
ADMIN_ROUTE = "/admin/set"
"""The path by which an operator changes a setting of a service."""

FIX_FILE = "fix.py"
"""The file name of the code under repair in tracebacks and profiles."""
