"""What a storefront and a provider can ask of us: one file, one verb, and no word about HTTP, SQL or Stripe."""
