"""No part of the example: keeps the suite around it from collecting the example's own tests."""

collect_ignore = ["tests"]
