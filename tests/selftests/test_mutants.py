"""Mutants fit the code that they change: one that lost its place would be a fault that nobody tries any more."""

import ast

import pytest

from tests.checks.mutation.mutant import LostAnchor, Mutant
from tests.checks.mutation.mutants import MUTANTS
from tests.checks.mutation.report import Verdict, noticed, page, row, rows_of
from tests.checks.mutation.workshop import ROOT, Run


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_code_that_is_there_into_other_code(mutant):
    sound, faulty = (ROOT / mutant.path).read_text("utf-8"), mutant.applied(ROOT)
    assert ast.dump(ast.parse(faulty)) != ast.dump(ast.parse(sound))


def test_each_mutant_has_a_name_and_tests_of_its_own():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 60
    assert len({(mutant.path, mutant.anchor, mutant.fault) for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        for test in mutant.tests:
            path, _, name = test.partition("::")
            assert (ROOT / path).exists(), f"{mutant.name}: {path}"
            assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{mutant.name}: {name}"


@pytest.mark.parametrize(("text", "count"), [("a = 1\n", 0), ("b = 1\nb = 1\n", 2)])
def test_a_mutant_without_its_place_is_an_error(tmp_path, text, count):
    (tmp_path / "module.py").write_text(text)
    with pytest.raises(LostAnchor, match=f"has its anchor {count} times"):
        Mutant("is wrong", "module.py", "b = 1\n", "b = 2\n", ()).applied(tmp_path)


def test_a_page_says_which_test_noticed_a_mutant():
    first, second = (Mutant(name, "server/app.py", "", "", ("tests",)) for name in ("counts twice", "counts nothing"))
    test = "tests/server/test_app.py::test_it[a-b]"
    rows = [row(verdict) for verdict in (Verdict(first, Run(False, test, 1.0)), Verdict(second, Run(True, "", 1.0)))]
    text = page(rows)
    assert rows_of(text) == {first.name: rows[0], second.name: rows[1]}
    assert noticed(text) == {"counts twice": test}
