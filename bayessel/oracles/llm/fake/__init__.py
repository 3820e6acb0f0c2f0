"""A small endpoint on loopback that speaks the OpenAI chat protocol: for the demo and the tests."""
