"""App webhook adapter: posts news to the product's endpoint, signed by Standard Webhooks."""
