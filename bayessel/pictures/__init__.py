"""Every picture, in one style; no global state is changed."""
