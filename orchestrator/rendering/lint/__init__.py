"""The content lint: words that the law forbids in a reminder, whoever wrote them. It judges words, never decides."""
