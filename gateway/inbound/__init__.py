"""How a message comes in: taken with all that wait, acted on in one transaction, answered after the commit."""
