"""Lines of JSON as bytes: where quotes, numbers and words stand, and hashes of them. Owns kernels; what a line means is its users'."""
