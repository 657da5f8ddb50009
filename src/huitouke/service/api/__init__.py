"""The machines' door: a JSON API with an OpenAPI document."""
