"""E-mails reach people: written from templates, handed to a mail server over one connection that is kept."""
