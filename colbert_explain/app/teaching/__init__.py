"""Parts of lessons: questions, MaxSim step by step, texts to change, slow work on request."""
