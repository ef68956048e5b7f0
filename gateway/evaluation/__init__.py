"""How well texts are understood: labelled lines in, what the house would have made of each, and the totals.

Rule 1: what is measured is what runs. Each text goes through ``book.route`` and ``understand`` as it would in the
service; nothing here has an opinion of its own about a text.
"""
