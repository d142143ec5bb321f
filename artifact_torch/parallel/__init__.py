"""One run of several processes, by torch's own engines: `DistributedDataParallel` and `fully_shard`."""
