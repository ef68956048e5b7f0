"""How a message comes into the house: taken with all that wait, acted on in one transaction, answered after the commit."""
