"""One class per channel; each hands one message on, within bounded time."""
