"""From a gated run to what is served: bundle, Bento, parity, alias; and back."""
