"""A copy of the project in which the smoke profile has been run from nothing, and a fresh one."""

import pytest
from project import Project, copy_of_project


@pytest.fixture(scope="session")
def smoke(tmp_path_factory) -> Project:
    """The smoke profile, complete."""
    project = copy_of_project(tmp_path_factory.mktemp("smoke"))
    project.run("dvc", "repro")
    return project


@pytest.fixture
def fresh(tmp_path) -> Project:
    """A copy in which nothing has run."""
    return copy_of_project(tmp_path)


@pytest.fixture(scope="session")
def filmed(tmp_path_factory) -> Project:
    """The smoke profile as far as MEAD's clips, made by one process."""
    project = copy_of_project(tmp_path_factory.mktemp("filmed"))
    project.run("dvc", "repro", "preprocess@mead")
    return project
