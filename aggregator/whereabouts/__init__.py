"""What became of a post: the answer to "Why isn't my post here?" for one address, from our rows alone.

    text -> asked (an address, however it is written) -> sources (at whose place it lies)
         -> posts (rows that have it as their link; as their id, only of a source that may call a post so)
         -> answer (one cause of a post, else of the sources, and what it takes to say it)

Nothing is asked of the web, stored or logged. Of what readers don't see the cause is told, for exactly the address that
was asked for; never a title, a word, an address that wasn't asked for, or anybody's name. Proposals aren't looked at.
"""
