"""What happens without anybody asking, in its own process."""
