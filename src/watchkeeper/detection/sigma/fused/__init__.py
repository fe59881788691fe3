"""The fast engine: what many rules ask of many events, asked once. Owns nothing; what an answer means is the reference evaluator's to say."""
