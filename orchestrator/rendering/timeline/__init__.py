"""A campaign as a drawing of time: its steps in order, by whom and by which channel, and what may come between."""
