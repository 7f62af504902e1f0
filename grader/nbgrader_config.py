"""nbgrader's configuration: this repository is a course, its releases are notebooks/, and grader.judge replaces Execute.

Without it `nbgrader autograde` would execute learners' notebooks in a kernel; the kit refuses that.
"""

import os
import shutil
import sys
import warnings
from pathlib import Path

from nbgrader import preprocessors as P
from nbgrader.converters import Autograde
from sqlalchemy.exc import SAWarning

import labs
from grader.course import init_notebooks
from grader.preprocessors import RELEASE, Judge, SaveGrades
from grader.rebuild import RebuildExporter

c = get_config()  # type: ignore[name-defined]  # noqa: F821  traitlets gives it to config files
if shutil.which("alembic") is None:  # a new gradebook calls it; it lies beside this Python, which need not be on the PATH
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

# nbgrader builds a submission before it adds it to the session; SQLAlchemy 2 remarks on it six times a submission.
warnings.filterwarnings("ignore", "Object of type <Submitted.*> not in session", SAWarning)

c.CourseDirectory.course_id = "breakfix"
c.CourseDirectory.root = str(labs.ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# An absolute path, and a long timeout: several processes, each with its own students, write one SQLite file.
c.CourseDirectory.db_url = f"sqlite:///{labs.ROOT / 'gradebook.db'}?timeout=60"
# Other files beside a notebook would be copied into the release or the graded folder.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints", "__pycache__", ".breakfix", "feedback", "*.pyc", "*.py", "*.json", "*.ipynb.*", "*.sqlite*",
    "*.db", "*.part",
]  # fmt: skip

c.GenerateAssignment.preprocessors = [*RELEASE, P.SaveCells]

c.Autograde.exporter_class = RebuildExporter
Autograde.init_notebooks = init_notebooks  # no setting changes how it looks for submissions
c.Autograde.sanitize_preprocessors = [P.OverwriteKernelspec, P.OverwriteCells, P.CheckCellMetadata]
c.Autograde.autograde_preprocessors = [Judge, P.LimitOutput, SaveGrades, P.AssignLatePenalties, P.CheckCellMetadata]

c.Execute.timeout = 600  # for nbgrader's Validate, which cuts a cell after 30 s
