"""The loops of others, each in its leanest honest form."""
