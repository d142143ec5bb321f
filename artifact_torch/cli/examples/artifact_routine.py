"""One score of a model: how many parameters it has."""

from collections.abc import Sequence

from artifact_torch.contracts import AnyModel, ArtifactResults, ResultKind, ResultName


class Size:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "n_parameters"),)

    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def validate(self, model: AnyModel, epoch: int, *, final: bool) -> ArtifactResults:
        count = sum(parameter.numel() for parameter in model.parameters())
        return ArtifactResults(scores={"n_parameters": float(count)})


class WrongSize:
    def is_due(self, epoch: int, *, final: bool) -> bool:
        return final

    def validate(self, model: AnyModel) -> float:
        return float(sum(parameter.numel() for parameter in model.parameters()))
