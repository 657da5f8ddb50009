"""The pure wing: tables in, tables out."""
