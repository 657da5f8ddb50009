"""The running programme: Django on PostgreSQL."""
