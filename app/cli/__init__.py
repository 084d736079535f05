"""The product's command line: one module a word, each with `register(words)`."""
