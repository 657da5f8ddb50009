"""The pages: each loads, calls one command or query, and shows what came of it."""
