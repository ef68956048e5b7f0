"""The hall of the house: joins the wings, owns the transaction, keeps the time."""
