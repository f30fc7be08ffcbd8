"""Worker: consumes events and commands; decides and carries out accounts, e-mails and shipments."""
