"""What the command is to look at: named, imported apart, examined."""
