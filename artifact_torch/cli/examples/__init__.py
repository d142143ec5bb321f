"""For each contract one file: a class that satisfies it, and one with the common mistakes.

The wrong class is named like the right one with `Wrong` before it, and stands last. Tests check
every pair at run time and with both checkers; `artifact-torch explain` and the guides show them.
"""
