"""The fast engine: what many rules ask of many events, asked once. What an answer means is the reference evaluator's to say."""
