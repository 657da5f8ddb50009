"""Points: entries, lots, allocations, holds, debts, seals."""
