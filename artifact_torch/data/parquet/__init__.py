"""Tables in Parquet files, of any size: `artifact_torch.data.parquet.loader`."""
