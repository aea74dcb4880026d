"""E-mail: any SMTP host, and providers with an API of their own."""
