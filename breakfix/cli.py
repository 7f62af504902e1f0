"""The command line `breakfix`. docs/command-line.md documents the output and the exit codes of each command.

Modules are imported inside the commands, so that `breakfix --help` does not wait for the kit.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import labs
from breakfix.commands.shell import BAD_INPUT, DONE, INTERRUPTED, OURS, BadInput, OurFault, complain

LAB_HELP = "The lab, as lab06_retries, lab06 or retries."
FIX_HELP = "The repair: broken, reference, the name of one that ships with the lab, a Python file, or a notebook."


class OneLineErrors(TyperGroup):
    """The commands. An error in a command is one line on standard error, and the exit code tells its kind."""

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run the command that `args` asks for, by default those of this process, and exit."""
        given = list(sys.argv[1:] if args is None else args)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 must not cause an error
        # Only the first word, without the command's own options, which may hold anything.
        command = given[0] if given and given[0] in self.commands else ""
        about = f"breakfix {command}".strip()
        try:
            code = super().main(given, **{**extra, "prog_name": "breakfix", "standalone_mode": False}) or DONE
            sys.stdout.flush()
        except KeyboardInterrupt:
            code = INTERRUPTED
        except typer.TyperException as error:
            complain(about, f"{error.format_message().rstrip('.')}. See `{about} --help`.")
            code = BAD_INPUT
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - else the interpreter's last flush fails
            code = OURS
        except Exception as error:  # noqa: BLE001 - no traceback may reach a user
            code = _explained(about, error)
        if code == INTERRUPTED:
            complain("breakfix", "stopped.")
        sys.exit(code)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names. Raises BadInput."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise BadInput(f"unknown command {args[0]!r}; the commands are: {', '.join(self.commands)}")
        return super().resolve_command(ctx, args)


def _explained(about: str, error: Exception) -> int:
    """Print what went wrong. Returns the exit code."""
    if os.environ.get("BREAKFIX_TRACEBACK"):
        traceback.print_exception(error)
    if isinstance(error, _bad_input()):
        complain(about, error)
        return BAD_INPUT
    if isinstance(error, OurFault | labs.BrokenLab):
        complain(about, error)
        return OURS
    last = traceback.extract_tb(error.__traceback__)[-1]
    file = Path(last.filename)
    lab = next((part for part in file.parts if labs.is_name(part)), None)
    whose = "in Break/Fix, not in what you asked for; BREAKFIX_TRACEBACK=1 shows where. Please report it."
    if lab is not None:
        whose = f"in the files of {lab}: mend it there; BREAKFIX_TRACEBACK=1 shows the way to it."
    complain(about, f"{type(error).__name__} in {file.name}, line {last.lineno}: {error}. The fault is {whose}")
    return OURS


def _bad_input() -> tuple[type[Exception], ...]:
    """The kit's exceptions for bad input; imported only after an error."""
    from breakfix.copies import NotBuilt
    from labs.kit.model.lab import UnknownName
    from labs.kit.model.repairs import RepairError
    from labs.kit.notebook.workspace import WorkFolderError

    return (BadInput, labs.UnknownLab, UnknownName, RepairError, NotBuilt, WorkFolderError)


app = typer.Typer(
    name="breakfix",
    cls=OneLineErrors,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def breakfix(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Break/Fix: reproduce, measure, repair and prove the failures that break Python in production."""
    if version:
        print(labs.__version__)
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())


@app.command("list")
def list_labs() -> None:
    """List the labs, in the order of the course."""
    from breakfix.commands.overview import print_labs

    print_labs()


@app.command()
def start(
    lab: Annotated[str | None, typer.Argument(metavar="[LAB]", help="Open this lab; by default the start page.")] = None,
    browser: Annotated[bool | None, typer.Option(help="Open a browser; by default where there is a screen.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Get LAB's newest release; yours is kept beside it.")] = False,
) -> int:
    """Open JupyterLab on your working copy, until Ctrl-C."""
    from breakfix.start import start

    return start(lab, browser, fresh=fresh)


@app.command()
def doctor() -> int:
    """Check whether the labs can run on this machine; says what to do if they cannot."""
    from breakfix.doctor import doctor

    return doctor()


@app.command()
def run(
    lab: Annotated[str, typer.Argument(metavar="LAB", help=LAB_HELP)],
    fix: Annotated[str, typer.Option(help=FIX_HELP)] = "broken",
    scenario: Annotated[str | None, typer.Option(help="What to run; by default the lab's first scenario.")] = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Another seed draws other arrivals.")] = "0",
    world: Annotated[
        str | None, typer.Option(help="Where to run it: simulated or live; by default where the lab is graded.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    record: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the record of the run, a SQLite file.")] = None,
    chart: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a chart of the run, .png or .svg.")] = None,
) -> int:
    """Run a lab once and print a summary."""
    from breakfix.commands.run import run

    return run(lab, fix, scenario, seed, world, as_json, record, chart)


@app.command("compare-worlds")
def compare_worlds(
    lab: Annotated[str, typer.Argument(metavar="LAB", help=LAB_HELP)],
    fix: Annotated[str, typer.Option(help=FIX_HELP)],
    scenario: Annotated[list[str] | None, typer.Option(help="Only this one; may be given more than once.")] = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Another seed draws other arrivals.")] = "0",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    charts: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write a chart of each scenario there.")] = None,
) -> int:
    """Run a repair live and simulated, and show where the two agree and where they part."""
    from breakfix.commands.compare_worlds import compare_worlds

    return compare_worlds(lab, fix, scenario or [], seed, as_json, charts)


@app.command()
def runbook(
    lab: Annotated[str, typer.Argument(metavar="LAB", help=LAB_HELP)],
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The runbook, a Markdown file; by default the lab's own.")
    ] = None,
    fix: Annotated[str, typer.Option(help=FIX_HELP)] = "broken",
    scenario: Annotated[str | None, typer.Option(help="What to run; by default what its operator is called to.")] = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Another seed draws other arrivals.")] = "0",
    world: Annotated[str, typer.Option(help="Where to run it: simulated or live.")] = "simulated",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a chart, with and without, .png or .svg.")] = None,
) -> int:
    """Play a runbook, and show what the operator did and what it cost."""
    from breakfix.commands.runbook import runbook

    return runbook(lab, file, fix, scenario, seed, world, as_json, plot)


@app.command()
def outage(
    lab: Annotated[str, typer.Argument(metavar="LAB", help=LAB_HELP)],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One of its public outages; by default all.")] = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Another seed draws other arrivals.")] = "0",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a chart, as it was and mended, .png or .svg; needs NAME.")
    ] = None,
) -> int:
    """Run a public outage as a small scenario, and hold it beside the published figures."""
    from breakfix.commands.outage import outage

    return outage(lab, name, seed, as_json, plot)


@app.command()
def check(
    lab: Annotated[str, typer.Argument(metavar="LAB", help=LAB_HELP)],
    fix: Annotated[str, typer.Option(help=FIX_HELP)],
    seeds: Annotated[str, typer.Option(metavar="N", help="Judge on the seeds 0 to N-1.")] = "3",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> int:
    """Judge a repair: the verdict of every check, and its points."""
    from breakfix.commands.check import check

    return check(lab, fix, seeds, as_json)


@app.command()
def show(
    lab: Annotated[str, typer.Argument(metavar="LAB", help=LAB_HELP)],
    repair: Annotated[str, typer.Argument(metavar="REPAIR", help="broken, reference, or one that ships with the lab.")],
    diff: Annotated[bool, typer.Option("--diff", help="Only how it differs from the one that it changes.")] = False,
) -> int:
    """Print a repair that ships with a lab."""
    from breakfix.commands.show import show

    return show(lab, repair, diff)


@app.command()
def build(
    lab: Annotated[str | None, typer.Argument(metavar="[LAB]", help="Build this lab alone.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if something is not up to date.")] = False,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where solutions/ and notebooks/ are; by default beside the lab.")
    ] = None,
) -> int:
    """Make the notebooks of the labs: solutions/ (executed) and notebooks/ (what learners get)."""
    from breakfix.commands.overview import build

    return build(lab, check, to)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The lab's name, labNN_word.")],
    into: Annotated[
        Path | None,
        typer.Option("--in", metavar="FOLDER", help="Write a package of its own there, outside this repository."),
    ] = None,
) -> int:
    """For authors: write a lab that runs, and fails on purpose."""
    from breakfix.commands.new import new

    return new(name, into)


@app.command("lab-check")
def lab_check(lab: Annotated[str, typer.Argument(metavar="LAB", help=LAB_HELP)]) -> int:
    """For authors: list what a lab still lacks, one line per fault with its remedy."""
    from breakfix.commands.lab_check import lab_check

    return lab_check(lab)


@app.command()
def progress() -> None:
    """Show how far you are, lab by lab."""
    from breakfix.commands.overview import print_progress

    print_progress()


@app.command()
def bench(names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these.")] = None) -> int:
    """Measure Break/Fix itself, each figure beside its yardstick."""
    from breakfix.commands.overview import bench

    return bench(names or [])


@app.command("release-table")
def release_table(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LAB]...", help="Only these labs; needs --out.")] = None,
    seeds: Annotated[str, typer.Option(metavar="N", help="Judge on the seeds 0 to N-1.")] = "20",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it; by default docs/repairs.md.")] = None,
) -> int:
    """For maintainers: judge every repair of every lab and write the table of outcomes."""
    from breakfix.commands.release_table import release_table

    return release_table(names or [], seeds, out)


@app.command("agreement-table")
def agreement_table(
    lab: Annotated[list[str] | None, typer.Argument(metavar="[LAB]...", help="Only these labs; needs --out.")] = None,
    fix: Annotated[
        list[str] | None, typer.Option(help="Only this repair; may be given more than once; needs --out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it; by default docs/agreement.md.")
    ] = None,
) -> int:
    """For maintainers: judge every repair in both worlds and write the table of where they agree."""
    from breakfix.commands.agreement_table import agreement_table

    return agreement_table(lab or [], fix or [], out)


@app.command()
def mutate(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LAB]...", help="Only these labs.")] = None,
    repair: Annotated[list[str] | None, typer.Option(help="Only this right repair; may be given more than once.")] = None,
    most: Annotated[
        str | None, typer.Option(metavar="N", help="At most N mutants of each repair, evenly chosen; by default all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> int:
    """For maintainers: make small slips in each right repair, and count those that the checks notice."""
    from breakfix.commands.mutate import mutate

    return mutate(names or [], repair or [], most, as_json)


def main() -> None:
    """The console script."""
    app()
