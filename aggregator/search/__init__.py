"""Finding posts by their words: equal questions get equal answers, whichever database keeps the rows.

terms <- entry_terms <- index          what is stored: words in the form in which they are looked for
terms <- query <- finding              what is asked
"""
