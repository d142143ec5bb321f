"""One MLflow server for all tests of this folder: its start takes seconds."""

from collections.abc import Iterator

import pytest

from tests.tracking.mlflow_server import MlflowServer


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def uri(server: MlflowServer) -> str:
    server.start()
    return server.uri
