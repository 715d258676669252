"""Imports go down, never up, never sideways between packages, and never in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "wanmon"
RANKS = (
    {"clock", "errors"},
    {"config", "log"},
    {"model"},
    {"health", "platforms", "profiles", "protocols"},
    {"checks", "store"},
    {"poller", "exchange"},
    {"metrics", "reports", "lab"},
    {"web"},
    {"cli"},
    {"__main__"},
)
RANK = {name: number for number, names in enumerate(RANKS) for name in names}


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path, known: set[str]) -> set[str]:
    """Every module of ours that a file imports, wherever in the file it does so."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found & known


FILES = {module_name(file): file for file in sorted(PACKAGE.rglob("*.py"))}
IMPORTS = {name: imports_of(file, set(FILES)) - {name} for name, file in FILES.items()}


def package_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("module", sorted(set(FILES) - {"wanmon"}))
def test_a_module_has_a_rank_and_imports_only_from_lower_ones(module):
    own = package_of(module)

    assert own in RANK
    for other in IMPORTS[module] - {"wanmon"}:
        there = package_of(other)
        assert there == own or RANK[there] < RANK[own], f"{module} (rank {RANK[own]}) imports {other}"


def test_no_import_leads_back_to_where_it_began():
    # A package's __init__ is a docstring: importing it ties nothing together.
    graph = {name: {other for other in found if FILES[other].name != "__init__.py"} for name, found in IMPORTS.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("__init__.py")), ids=str)
def test_a_package_opens_with_a_docstring_and_nothing_else(file):
    body = ast.parse(file.read_text(encoding="utf-8")).body

    assert 1 == len(body)
    assert isinstance(body[0].value, ast.Constant)


def test_a_cycle_would_be_found():
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
