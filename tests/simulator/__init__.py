"""The simulator is judged by what it leaves in the database, recounted by other means than its own."""
