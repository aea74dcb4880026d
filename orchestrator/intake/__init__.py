"""Files become domain objects here: YAML and tables, read strictly and refused with the place of each fault.

Owns reading and the words of refusals. Decides nothing, stores nothing, renders nothing.
"""
