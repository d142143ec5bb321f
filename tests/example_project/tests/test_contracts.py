"""The same contracts as `artifact_contracts` in pyproject.toml lists, asked for in code.

Both ways are shown; a project needs one of them.
"""

from research.callbacks import HasMu, LatentSpread
from research.loaders import Measurements
from research.models import GenerationParams, TabularVAE, VAEInput, VAEOutput
from research.train import make_trainer

from artifact_torch.checking import require_contract
from artifact_torch.contracts import BatchSource, LoaderCallback
from artifact_torch.table_comparison import TableSynthesizer


def test_the_model_is_a_synthesizer() -> None:
    require_contract(TabularVAE, TableSynthesizer[VAEInput, VAEOutput, GenerationParams])


def test_the_callback_works_for_every_model_with_mu() -> None:
    require_contract(LatentSpread, LoaderCallback[object, HasMu, float])


def test_the_loader_gives_what_the_model_takes() -> None:
    require_contract(Measurements, BatchSource[VAEInput])


def test_the_parts_fit_together() -> None:
    make_trainer()
