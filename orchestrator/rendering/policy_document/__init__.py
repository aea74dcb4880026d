"""The strategy in force as a document that anyone can read (R30): gathered facts in, HTML, PDF or Markdown out."""
