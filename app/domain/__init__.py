"""What is true: plain values and functions on the standard library only."""
