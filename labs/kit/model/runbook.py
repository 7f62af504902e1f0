"""A runbook as data: Markdown for people, whose fenced blocks a bot can follow. docs/runbooks.md describes the format.

The text is parsed and never executed. It is hostile: lengths, counts and numbers are bounded, and all that is wrong is told
in one line each, with the number of the line, what was found, and the words that are valid.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from labs.kit.model.load import HttpRequest
from labs.kit.model.names import ACTIVE_REQUESTS, DATABASE_QUEUE, LOOP_LAG, MEMORY, QUEUE_DEPTH, THREADS

FENCE, FENCE_END = "```operator", "```"
FORMS = {
    "page": "page METRIC OP VALUE for N s",
    "step": "step NAME",
    "do": "do ACTION",
    "expect": "expect METRIC OP VALUE for N s within N s",
    "else": "else goto STEP",
    "then": "then ACTION",
    "undo": "undo ACTION",
    "done": "done",
}
"""Every word that may begin a line, with the form of its line."""
ACTIONS = {
    "restart": "restart SERVICE",
    "set": "set SERVICE KEY VALUE",
    "shed": "shed SHARE [client NAME]",
}
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
METRICS = ("offered", "answered", "error_rate", "p99", "in_flight", "shed")
"""The metrics of the whole system. Those of one link are `rate(LINK)` and `calls_per_request(LINK)`."""
OF_LINK = ("rate", "calls_per_request")
SIGNALS = (QUEUE_DEPTH, DATABASE_QUEUE, LOOP_LAG, ACTIVE_REQUESTS, MEMORY, THREADS)
"""The signals that may stand before "@SERVICE" in every lab; dots may be written as underscores."""

LONGEST_TEXT, MOST_LINES, MOST_STEPS, MOST_ACTIONS, LONGEST_NAME = 20_000, 200, 20, 8, 40
MOST_SECONDS, MOST_VALUE = 600.0, 1e9
MOST_TOLD = 10
"""The largest number of problems that one message tells."""

_NUMBER = r"\d{1,12}(?:\.\d{1,9})?"
_CONDITION = re.compile(rf"(\S{{1,100}}) (<=|>=|<|>) ({_NUMBER}) for ({_NUMBER}) s")
_EXPECTATION = re.compile(rf"{_CONDITION.pattern} within ({_NUMBER}) s")
_NAME = re.compile(rf"[A-Za-z][\w-]{{0,{LONGEST_NAME - 1}}}", re.ASCII)
_OF_LINK = re.compile(r"(\w+)\((\S+)\)")


class RunbookError(ValueError):
    """A text is no runbook of this lab. `problems` has one line for each problem, in the order of the text."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - MOST_TOLD
        self.problems = (*problems[:MOST_TOLD], *([f"and {more} more"] if more > 0 else []))
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True)
class Desk:
    """What an operator may change in the runs of a lab, see `Lab.desk`.

    `restarts` names the services that may be restarted. `settings` maps a service to its keys, and each key to its smallest
    and largest value; the service takes them on its admin route (see `labs.kit.service.admin`). `client` says who sends a
    request of the load, for `shed SHARE client NAME`. `signals` are the lab's own signals that a runbook may name.
    """

    restarts: tuple[str, ...] = ()
    settings: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=lambda: MappingProxyType({}))
    client: Callable[[HttpRequest], str] | None = None
    signals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Restart:
    """End the process of a service, and start it again."""

    service: str

    def __str__(self) -> str:
        return f"restart {self.service}"


@dataclass(frozen=True)
class Set:
    """Give a setting of a running service another value."""

    service: str
    key: str
    value: float

    def __str__(self) -> str:
        return f"set {self.service} {self.key} {self.value:.15g}"


@dataclass(frozen=True)
class Shed:
    """Refuse this share of the load at the edge, 0 to 1; of one client's requests if `client` is not ""."""

    share: float
    client: str = ""

    def __str__(self) -> str:
        return f"shed {self.share:g}" + f" client {self.client}" * bool(self.client)


Action = Restart | Set | Shed


@dataclass(frozen=True)
class Condition:
    """A metric compared with a value, `for_s` seconds on end."""

    metric: str
    operator: str
    value: float
    for_s: float

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Does it hold for these figures? A metric without a figure meets no condition."""
        return self.metric in figures and OPERATORS[self.operator](figures[self.metric], self.value)

    def __str__(self) -> str:
        return f"{self.metric} {self.operator} {self.value:.15g} for {self.for_s:g} s"


@dataclass(frozen=True)
class Step:
    """One step: its actions, and what they should lead to.

    `expect` is None for a step that is over at once. `then` gives back what was taken, if it was met; `undo` rolls back if
    it was not met within `within_s`, and the runbook goes on at `other`, by default at the next step. With `done` the
    runbook ends with this step if it was met.
    """

    name: str
    do: tuple[Action, ...] = ()
    expect: Condition | None = None
    within_s: float = 0.0
    then: tuple[Action, ...] = ()
    undo: tuple[Action, ...] = ()
    other: str = ""
    done: bool = False


@dataclass(frozen=True)
class Runbook:
    """When to call, and what to do then, step by step."""

    page: Condition
    steps: tuple[Step, ...]
    sha: str = field(default="", compare=False)
    """The SHA-256 of its whole text, in hex."""


def parse(text: str, desk: Desk, links: Sequence[str], services: Sequence[str]) -> Runbook:
    """The runbook in the fenced blocks of a Markdown text; all blocks are read as one.

    Args:
        links: the links of the lab, "caller->called".
        services: the names of its services.

    Raises:
        RunbookError: what is wrong with the text, line by line.
    """
    return _Parser(desk, links, services).parse(text)


class _Wrong(Exception):
    """What is wrong with one line."""


class _Parser:
    """Reads one text, and collects what is wrong with it."""

    def __init__(self, desk: Desk, links: Sequence[str], services: Sequence[str]) -> None:
        self.desk, self.links, self.services = desk, links, services
        self.problems: list[str] = []
        self.page: Condition | None = None
        self.steps: list[dict[str, Any]] = []  # the fields of each Step, and the number of its line

    def parse(self, text: str) -> Runbook:
        """The runbook. Raises RunbookError."""
        if len(text) > LONGEST_TEXT:
            raise RunbookError([f"the text has {len(text):,} characters; a runbook has at most {LONGEST_TEXT:,}"])
        for number, line in self._items(text):
            try:
                self._item(number, line)
            except _Wrong as wrong:
                self.problems.append(f"line {number}: {wrong}")
        self._look_at_whole()
        if self.problems or self.page is None:
            raise RunbookError(self.problems)
        sha = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
        return Runbook(self.page, tuple(Step(**step) for step in self.steps), sha)

    def _items(self, text: str) -> Iterator[tuple[int, str]]:
        """The lines of all blocks that are not empty, with their numbers."""
        inside, count = 0, 0
        for number, line in enumerate(text.split("\n"), 1):
            bare = " ".join(line.split())
            if not inside:
                inside = number if bare == FENCE else 0
            elif bare == FENCE_END:
                inside = 0
            elif bare:
                count += 1
                if count > MOST_LINES:
                    self.problems.append(f"line {number}: the blocks have more than {MOST_LINES} lines")
                    return
                yield number, bare
        if inside:
            self.problems.append(f"line {inside}: the block that begins here has no end, a line {FENCE_END}")
        elif not count:
            self.problems.append(f"no line stands in a block; a block begins with a line {FENCE} and ends with {FENCE_END}")

    def _item(self, number: int, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word not in FORMS:
            raise _Wrong(f"{_shown(word)} begins no line; the words are: {', '.join(FORMS)}")
        if word == "page":
            if self.page is not None:
                raise _Wrong("a second page; a runbook has one")
            self.page = self._condition(word, _CONDITION.fullmatch(rest), rest)
        elif word == "step":
            self._step(number, rest)
        elif not self.steps:
            raise _Wrong(f"{_shown(word)} before the first step; begin one: {FORMS['step']}")
        else:
            self._part(word, rest, self.steps[-1])

    def _step(self, number: int, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise _Wrong(
                f"{_shown(name)} is no name of a step; expected one word of letters, digits, _ and -, at most {LONGEST_NAME}"
            )
        if any(step["name"] == name for step in self.steps):
            raise _Wrong(f"a second step {name}; each name stands for one")
        if len(self.steps) == MOST_STEPS:
            raise _Wrong(f"more than {MOST_STEPS} steps")
        self.steps.append({"name": name})

    def _part(self, word: str, rest: str, step: dict[str, Any]) -> None:
        if word in ("do", "then", "undo"):
            taken = step.get(word, ())
            if len(taken) == MOST_ACTIONS:
                raise _Wrong(f"more than {MOST_ACTIONS} lines {word} in step {step['name']}")
            step[word] = (*taken, self._action(rest))
            return
        own = {"expect": "expect", "else": "other", "done": "done"}[word]
        if own in step:
            raise _Wrong(f"a second {word} in step {step['name']}; a step has at most one")
        if word == "expect":
            found = _EXPECTATION.fullmatch(rest)
            step["expect"] = self._condition(word, found, rest)
            step["within_s"] = _seconds(found[5]) if found else 0.0
            if step["within_s"] < (for_s := step["expect"].for_s):
                raise _Wrong(f"{for_s:g} s do not fit within {step['within_s']:g} s; make within longer")
        elif word == "else":
            goto, _, step["other"] = rest.partition(" ")
            if goto != "goto" or not step["other"]:
                raise _Wrong(f"{_shown(rest)} after else; expected: {FORMS['else']}")
        elif rest:
            raise _Wrong(f"{_shown(rest)} after done; done stands alone")
        else:
            step["done"] = True

    def _condition(self, word: str, found: re.Match[str] | None, rest: str) -> Condition:
        if found is None:
            raise _Wrong(f"{_shown(rest)} after {word}; expected: {FORMS[word]}, with OP one of {' '.join(OPERATORS)}")
        return Condition(self._metric(found[1]), found[2], _value(found[3]), _seconds(found[4]))

    def _metric(self, text: str) -> str:
        """The metric with its own spelling. Raises _Wrong."""
        if text in METRICS:
            return text
        if (found := _OF_LINK.fullmatch(text)) and found[1] in OF_LINK:
            if found[2] not in self.links:
                raise _Wrong(f"no link {_shown(found[2])}; the links are: {', '.join(self.links)}")
            return text
        signal, at, service = text.rpartition("@")
        if at:
            if service not in self.services:
                raise _Wrong(f"no service {_shown(service)}; the services are: {', '.join(self.services)}")
            known = {name.replace(".", "_"): name for name in (*SIGNALS, *self.desk.signals)}
            if signal.replace(".", "_") not in known:
                raise _Wrong(f"no signal {_shown(signal)}; the signals are: {', '.join(known)}")
            return f"{known[signal.replace('.', '_')]}@{service}"
        of_link = ", ".join(f"{name}(LINK)" for name in OF_LINK)
        raise _Wrong(f"no metric {_shown(text)}; the metrics are: {', '.join(METRICS)}, {of_link}, SIGNAL@SERVICE")

    def _action(self, text: str) -> Action:
        verb, *args = text.split(" ")
        if verb not in ACTIONS:
            raise _Wrong(f"no action {_shown(verb)}; the actions are: {', '.join(ACTIONS.values())}")
        match verb, args:
            case "restart", [service]:
                return Restart(_one_of(service, "service that may be restarted", self.desk.restarts))
            case "set", [service, key, value]:
                keys = self.desk.settings[_one_of(service, "service with settings", list(self.desk.settings))]
                least, most = keys[_one_of(key, f"setting of {service}", list(keys))]
                if not least <= _value(value) <= most:
                    raise _Wrong(f"{key} cannot be {_shown(value)}; expected {least:g} to {most:g}")
                return Set(service, key, _value(value))
            case "shed", [share]:
                return Shed(_share(share))
            case "shed", [share, "client", name]:
                if self.desk.client is None:
                    raise _Wrong("this lab's edge does not know its clients; expected: shed SHARE")
                if not _NAME.fullmatch(name):
                    raise _Wrong(f"{_shown(name)} is no name of a client")
                return Shed(_share(share), name)
        raise _Wrong(f"{_shown(text)} is not of the form: {ACTIONS[verb]}")

    def _look_at_whole(self) -> None:
        names = [step["name"] for step in self.steps]
        need = {"else": "other", "then": "then", "undo": "undo", "done": "done"}
        if self.problems:  # a line that was refused may be the one that seems to be missing
            return
        if self.page is None:
            self.problems.append(f"there is no page; begin with what calls you: {FORMS['page']}")
        if not self.steps:
            self.problems.append(f"there is no step; write one: {FORMS['step']}")
        for step in self.steps:
            parts = [word for word, own in need.items() if own in step]
            if parts and "expect" not in step:
                self.problems.append(f"step {step['name']} has {parts[0]} and no expect; add: {FORMS['expect']}")
            if step.get("other", names[0]) not in names:
                self.problems.append(
                    f"step {step['name']} goes to {_shown(step['other'])}, no step; the steps are: {', '.join(names)}"
                )


def _one_of(found: str, what: str, valid: Sequence[str]) -> str:
    if found not in valid:
        raise _Wrong(f"no {what} {_shown(found)}; there is: {', '.join(valid) or 'none in this lab'}")
    return found


def _value(text: str) -> float:
    """A number of the text. Raises _Wrong."""
    if not re.fullmatch(_NUMBER, text) or float(text) > MOST_VALUE:
        raise _Wrong(f"{_shown(text)} is no number from 0 to {MOST_VALUE:g}")
    return float(text)


def _seconds(text: str) -> float:
    if _value(text) > MOST_SECONDS:
        raise _Wrong(f"{text} s is too long; expected at most {MOST_SECONDS:g} s")
    return _value(text)


def _share(text: str) -> float:
    """A share as 0.8 or 80%. Raises _Wrong."""
    share = _value(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if share > 1:
        raise _Wrong(f"{_shown(text)} is no share; expected 0 to 1, or 0% to 100%")
    return share


def _shown(text: str) -> str:
    """What was found, in quotation marks and not too long."""
    return ascii(text if len(text) <= LONGEST_NAME else text[:LONGEST_NAME] + "...")
