"""Classification and grading of fields: what a column holds, and how sensitive that is."""
