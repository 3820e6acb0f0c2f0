"""LLM judges behind the OpenAI chat protocol: from texts to verdicts, without paying twice."""
