"""How the account's values read on the wire, one module per API version: truth and wording stay apart."""
