"""Hufu, the control plane of a public-data zone. Importing `app` imports nothing."""
