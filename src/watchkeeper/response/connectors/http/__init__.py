"""Actions by HTTP, described in YAML: what a product is asked, and how it is seen that it did it. Owns no product: those are content."""
