"""Third-party deciders behind our words."""
