"""Rules of classification read from their files, and recognizers for running text."""
