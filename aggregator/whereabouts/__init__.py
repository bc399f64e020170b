"""What became of a post: the answer to "Why isn't my post here?" for one address, from our rows alone.

    text -> asked (an address, however it is written) -> posts (rows that have it), else sources (that it lies at)
         -> answer (one cause, and what it takes to say it)

Nothing is asked of the web, stored or logged. Of what readers don't see the cause is told, for exactly the address that
was asked for; never a title, a word, an address that wasn't asked for, or anybody's name. Proposals aren't looked at.
"""
