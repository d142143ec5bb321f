"""One score of a model, at the end of the run: how many parameters it has."""

from collections.abc import Collection, Sequence

from artifact_torch.contracts import AnyModel, Moment, ResultKind, ResultName


class Size:
    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "n_parameters"),)

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.ends_run else ()

    def validate(
        self, model: AnyModel, names: Collection[ResultName], moment: Moment
    ) -> dict[str, float]:
        count = sum(parameter.numel() for parameter in model.parameters())
        return {"n_parameters": float(count)}


class WrongSize:
    def due(self, epoch: int) -> bool:
        return epoch == 10

    def validate(self, model: AnyModel) -> float:
        return float(sum(parameter.numel() for parameter in model.parameters()))
