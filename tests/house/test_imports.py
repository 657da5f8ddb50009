"""What no module may be called, hold or call."""

from __future__ import annotations

import ast
import tomllib

SAY_NOTHING = {"common", "helper", "helpers", "misc", "tools", "util", "utils"}

CLOCK = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "ibis.now",
    "ibis.today",
    "pandas.Timestamp.now",
    "pandas.Timestamp.today",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
}

SEEDED_ONLY_WITH_ARGUMENTS = {
    "numpy.random.PCG64",
    "numpy.random.SeedSequence",
    "numpy.random.default_rng",
}

#: place -> why
INITS_WITH_CODE = {
    "src/huitouke/insight/__init__.py": "who imports one model shall not wait for all stages",
}

UNSEEDED_MODULES = {"random", "secrets"}

#: place -> why
MAY_READ_THE_CLOCK = {
    "src/huitouke/service/core/clock.py": "the one place that reads it, from the database",
}
MAY_SAY_SO = {
    **MAY_READ_THE_CLOCK,
    "src/huitouke/service/backoffice/today/addresses.py": "the address of a page",
}


def imported(tree):
    """Return the full dotted name behind every imported name."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                known[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def full_names(tree):
    """Yield each node that names something imported, with the full dotted name."""
    known = imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            root, _, rest = ast.unparse(node).partition(".")
            if root in known and "(" not in rest:
                yield node, f"{known[root]}.{rest}" if rest else known[root]


def place(source, node):
    return f"{source.place}:{node.lineno}"


def test_no_file_or_folder_has_a_name_that_says_nothing(python_files):
    empty_names = [
        source.place
        for source in python_files
        if SAY_NOTHING & set(source.place.removesuffix(".py").split("/"))
    ]

    assert empty_names == []


def test_package_inits_hold_only_a_docstring_and_names(sources):
    code = [
        place(source, node)
        for source in sources
        if source.place.endswith("/__init__.py") and source.place not in INITS_WITH_CODE
        for node in source.tree.body
        if not isinstance(node, ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (
            isinstance(node, ast.Assign)
            and [ast.unparse(target) for target in node.targets]
            in (["__all__"], ["__version__"])
        )
    ]

    assert code == []


def test_nothing_in_the_package_prints(sources):
    prints = [
        place(source, node)
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "pprint.pprint")
    ]

    assert prints == []


def test_nothing_in_the_package_reads_the_clock(sources):
    readings = [
        f"{place(source, node)}: {name}"
        for source in sources
        for node, name in full_names(source.tree)
        if name in CLOCK
    ]
    readings += [
        f"{place(source, node)}: {node.value}"
        for source in sources
        if source.place not in MAY_SAY_SO
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and node.value in ("now", "today")
    ]

    assert readings == []


def test_everything_random_in_the_package_has_a_seed(sources):
    unseeded = []
    for source in sources:
        names = {id(node): name for node, name in full_names(source.tree)}
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call):
                continue
            name = names.get(id(node.func), "")
            bare = name in SEEDED_ONLY_WITH_ARGUMENTS and not (node.args or node.keywords)
            legacy = name.startswith("numpy.random.") and name.rpartition(".")[2].islower()
            if (
                bare
                or (legacy and name not in SEEDED_ONLY_WITH_ARGUMENTS)
                or name.partition(".")[0] in UNSEEDED_MODULES
                or name in ("os.urandom", "uuid.uuid1", "uuid.uuid4")
            ):
                unseeded.append(f"{place(source, node)}: {name}")

    assert unseeded == []


def contracts(checkout):
    settings = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    return {each["name"]: each for each in settings["tool"]["importlinter"]["contracts"]}


def floors_of(contract):
    return [{name.strip(" ()") for name in layer.split("|")} for layer in contract["layers"]]


def modules_in(folder):
    return {
        f"huitouke.{folder.name}.{entry.stem}"
        for entry in folder.iterdir()
        if (entry.suffix == ".py" and entry.stem != "__init__")
        or (entry / "__init__.py").is_file()
    }


def test_every_stage_stands_under_the_import_contracts(checkout):
    known = contracts(checkout)
    floors = floors_of(
        known["Floors: command line, main path, its steps, stages, the ground they share"]
    )
    stages = next(floor for floor in floors if "huitouke.insight.facts" in floor)

    there = modules_in(checkout / "src" / "huitouke" / "insight")

    assert there - set().union(*floors) == set()
    assert set(known["Stages meet only as tables"]["modules"]) == stages


def test_every_app_stands_under_the_import_contracts(checkout):
    known = contracts(checkout)
    floors = set().union(*floors_of(known["Floors of the service"]))

    there = modules_in(checkout / "src" / "huitouke" / "service")

    assert there - floors == set()
    knows = known["Only the command line and the bridge know insight"]["source_modules"]
    assert set(knows) == there - {"huitouke.service.loop"}


def test_a_clock_is_seen_under_any_alias():
    tree = ast.parse("import datetime as d\nfrom time import time as t\nd.date.today()\nt()")

    assert CLOCK & {name for _, name in full_names(tree)} == {
        "datetime.date.today",
        "time.time",
    }
