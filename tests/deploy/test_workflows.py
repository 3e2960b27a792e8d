"""The workflows call what is there, with values that their actions take."""

import re
from pathlib import Path

import pytest
import yaml

WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))


def steps_of(path):
    return [step for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_call_targets_of_make_that_are_there(path):
    targets = set(re.findall(r"^([a-z0-9-]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))
    commands = [
        line for step in steps_of(path) for line in re.findall(r"^make (.*)", step.get("run", ""), re.MULTILINE)
    ]
    called = {name for command in commands for name in command.split()}
    assert called
    assert called - targets == set()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_given_no_lists(path):
    values = [value for step in steps_of(path) for value in step.get("with", {}).values()]
    assert values
    assert [value for value in values if isinstance(value, list | dict)] == []
