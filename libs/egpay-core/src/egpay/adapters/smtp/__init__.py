"""SMTP adapter: renders e-mails from templates and sends them over one persistent connection."""
