"""The rules as pure functions of plain values."""
