# Declarations of artifact-core 0.2.1, which ships none that checkers read: the modules that users
# of artifact_torch write against. A module declared here has all its public names; what nobody
# needs checked comes from the library's own code. The library's other modules are left to it.
