"""The sandbox for code that nobody has read: what a submission may do to the machine that grades it.

Two layers, because neither is enough alone:

* bubblewrap (`bubblewrap.py`) puts the parent of the hosts, or a whole live run, into namespaces of its own: no network, no
  processes and no files of the machine but those in `places.py`;
* a cage (`cage.py`: limits, Landlock, seccomp) is entered by a host itself just before it loads the repair, and protects
  the other hosts, their parent and the judge.

`tiers.py` names the combinations, `probe.py` tries which of them this machine provides. A learner's own runs use none.
"""
