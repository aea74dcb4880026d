"""The console: server-rendered pages for people. Each page calls one flow or one read; nothing here thinks."""
