"""Steps that torch compiles, and on CUDA captures."""
