"""What an auditor reads and runs: the tree, the packs, the verifier. Imports nothing of the app."""
