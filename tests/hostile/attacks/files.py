"""What is on the disk: what others have handed in, the course, the machine."""


def reads_the_gradebook():
    return _read(f"{_TARGET}/gradebook.db")


def reads_a_classmates_notebook():
    return _read(f"{_TARGET}/submitted/alice/lab06.ipynb")


def reads_the_private_seeds():
    return _read(f"{_TARGET}/seeds.json")


def lists_the_submissions():
    return ", ".join(os.listdir(f"{_TARGET}/submitted"))


def writes_into_the_gradebook():
    return _written(f"{_TARGET}/gradebook.db")


def patches_the_checks():
    return _written(f"{_TARGET}/checks.py", "\nCHECKS = ()\n")


def opens_the_gradebook_to_all():
    path = f"{_TARGET}/gradebook.db"
    before = os.stat(path).st_mode
    os.chmod(path, 0o666)
    return "changed" if os.stat(path).st_mode != before else _done(-1)


def backdates_a_submission():
    path = f"{_TARGET}/submitted/alice/lab06.ipynb"
    os.utime(path, (1, 1))
    return "changed" if os.stat(path).st_mtime == 1 else _done(-1)


def removes_a_submission():
    os.unlink(f"{_TARGET}/submitted/bob.ipynb")
    return "removed"


def renames_a_submission():
    os.rename(f"{_TARGET}/submitted/carol.ipynb", f"{_TARGET}/submitted/dave.ipynb")
    return "renamed"


def takes_a_hard_link():
    os.link(f"{_TARGET}/checks.py", f"{_TARGET}/linked.py")
    return "linked"


def reads_through_a_symbolic_link():
    path = f"{_SCRATCH}/{_MARK}-link"
    os.symlink(f"{_TARGET}/seeds.json", path)
    try:
        return _read(path)
    finally:
        os.unlink(path)


def empties_the_gradebook():
    os.truncate(f"{_TARGET}/emptied.db", 0)
    return "emptied"


def makes_a_device():
    os.mkfifo(f"{_TARGET}/{_MARK}-pipe")
    return "made"


def leaves_a_file_in_tmp():
    return _written(f"/tmp/{_MARK}-file")


def leaves_a_file_in_shared_memory():
    return _written(f"/dev/shm/{_MARK}-file")


def leaves_a_file_in_var_tmp():
    return _written(f"/var/tmp/{_MARK}-file")


def leaves_a_file_at_home():
    return _written(f"{_TARGET}/home/.bashrc")


def writes_400_mb():
    path = f"{_SCRATCH}/{_MARK}-big"
    try:
        with open(path, "wb") as file:
            file.truncate(400 << 20)
    finally:
        os.unlink(path)
    return "400 MB"


def imports_the_right_repair():
    from labs.lab06_retries.fixes.right_all import PaymentsClient

    return PaymentsClient.__name__


def reads_the_labs_checks():
    return _read(f"{_ROOT}/labs/lab06_retries/checks.py")


def reads_the_labs_page():
    return _read(f"{_ROOT}/labs/lab06_retries/notebook.py")


def reads_the_solution():
    return _read(f"{_ROOT}/solutions/lab06_retries/lab06_retries.ipynb")


def reads_the_grader():
    return _read(f"{_ROOT}/grader/private.py")


def reads_another_lab():
    return _read(f"{_ROOT}/labs/lab02_memory/broken.py")


def reads_the_accounts():
    return _read("/etc/passwd")


def lists_the_root():
    return ", ".join(sorted(os.listdir("/"))[:3])
