# Declarations of artifact-experiment 0.1.11, under the same rules as those of artifact-core.
