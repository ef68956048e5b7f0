"""What a text means: pure functions from somebody's words to a command, a code, a kind of problem, a place, a number.

Rule 1: nothing here decides what happens next; it reports what the words say and how sure that is.
Rule 2: texts are compared by sound (``folding.sounded``), because people who write by ear must be understood too.
Rule 3: guesses by likeness are for command-length messages and long words only, and only by ``rapidfuzz.fuzz.ratio``:
the partial and token-set scorers turn ordinary complaints into opt-outs.
"""
