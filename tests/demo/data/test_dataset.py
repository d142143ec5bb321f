"""Encoded rows as model input."""

import pandas as pd
import torch

from demo.data.dataset import TabularVAEDataset
from demo.libs.transformers.table_codec import TableCodec
from tests.demo.tensors import array


def test_rows_and_batches_are_rows_of_the_encoded_table() -> None:
    table = pd.DataFrame({"age": [40, 50, 60, 70], "sex": ["M", "F", "F", "M"]})
    codec = TableCodec.fit(table, cts_features=["age"], cat_features=["sex"], n_bins=4)
    dataset = TabularVAEDataset.build(table, codec)
    assert len(dataset) == 4
    assert array(dataset[2]["codes"]).tolist() == [2, 1]
    batch = dataset.take(torch.tensor([3, 0]))
    assert array(batch["codes"]).tolist() == [[3, 0], [0, 0]]
    assert batch["codes"].dtype == torch.int64
