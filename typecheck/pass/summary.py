"""What a model consists of: any module, and a batch that its forward takes."""

import torch
from artifact_torch import ModelSummary, PartSummary, summarize_model
from torch import nn
from typecheck.common import VAE, Classifier, LabelledInput, VAEInput
from typing_extensions import assert_type

codes, label = torch.zeros(8, 3, dtype=torch.int64), torch.zeros(8)

assert_type(summarize_model(VAE()), ModelSummary)  # OK
assert_type(summarize_model(VAE(), VAEInput(codes=codes)), ModelSummary)  # OK
summarize_model(VAE(), LabelledInput(codes=codes, label=label))  # OK
summarize_model(Classifier(), batch=LabelledInput(codes=codes, label=label))  # OK
summarize_model(nn.Linear(1, 1))  # OK
assert_type([each.n_parameters for each in summarize_model(VAE()).parts], list[int])  # OK
part: PartSummary = summarize_model(VAE()).parts[0]  # OK
n_flops: int | None = summarize_model(VAE()).n_flops  # OK
