"""The knobs under /sandbox: everything that may happen to a buyer or to a network, on demand."""
