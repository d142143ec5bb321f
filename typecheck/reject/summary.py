"""What is no model, and batches that its forward does not take."""

import torch
from artifact_torch import ModelSummary, summarize_model
from typecheck.common import VAE, Classifier, LossOutput, VAEInput

codes = torch.zeros(8, 3, dtype=torch.int64)

summarize_model(VAE)  # E[pyright=reportArgumentType: type\[VAE\], mypy=call-overload]
summarize_model(VAE(), codes)  # E[pyright=reportArgumentType, mypy=call-overload]
summarize_model(VAE(), LossOutput(loss=codes))  # E[pyright=reportArgumentType, mypy=misc: "InT"]
summarize_model(Classifier(), VAEInput(codes=codes))  # E[pyright=reportArgumentType, mypy=misc: "InT"]
summary = summarize_model(VAE())
summary.n_flops = 3  # E[pyright=reportAttributeAccessIssue: n_flops, mypy=misc: read-only]


class MySummary(ModelSummary): ...  # E[pyright=reportGeneralTypeIssues: final, mypy=misc: final]
