"""Use cases of storefronts and providers: one verb a file, without HTTP, SQL or Stripe."""
