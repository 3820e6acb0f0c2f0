"""What a person reads of a result: the table of candidates, sentences, and the files written."""
