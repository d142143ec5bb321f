# Declarations of artifact-core 0.2.1, only what this package imports.
