"""What the speakers of the corpus say: CREMA-D's twelve sentences, and our own for the other data sets."""

from speak.sources.crema_d import SENTENCES as CREMA_D_SENTENCES

__all__ = ["CREMA_D_SENTENCES", "LONG_SENTENCES", "OTHER_SENTENCES", "SHORT_SENTENCES"]

SHORT_SENTENCES = (
    "My mother bought a big blue boat",
    "The summer market opens before breakfast",
    "Five brave firemen found the family",
    "Please put the paper back on my table",
    "We both hope to move home by winter",
    "Bob made a map of the old farm",
    "A warm wind blew over the open water",
    "The music was too loud for my father",
    "Nobody ever told me about the problem",
    "She waved from the top of the bridge",
    "I have a very good feeling about today",
    "Could you open the window for a moment",
    "The moon moved behind a heavy cloud",
    "People walk along the river every morning",
    "The boy jumped over a pile of books",
    "Most of my friends live near the harbour",
    "They show a film about the sea tonight",
    "The judge asked for a simple answer",
    "Every apple in that box was brown",
    "He thought the voice came from above",
    "Both of them laughed at the funny video",
    "Give me back the purple umbrella",
    "The young woman chose a white shirt",
    "Maybe we should buy more bread and butter",
    "You know I never thought about it that way",
    "It was a wonderful film to be a part of",
    "My father always told me to follow my own path",
    "People often ask me why I love this job",
    "We had so much fun on the first day",
    "Then somebody gave me the book and I was happy",
)
"""Sentences of about two seconds."""

LONG_SENTENCES = (
    "We came here today because many families need help with the price of food and power",
    "I want to thank everybody who worked so hard to make this happen",
    "For more than five months our people have been building a better bridge over the river",
    "The number of jobs in our town moved up again, and we hope it will go on",
    "If we move now, we can save both money and time for the years before us",
    "Nobody should have to choose between a warm home and a full table",
    "My friends, we have a problem, but I believe that we have the power to solve it",
    "This morning I met a woman who told me about her father and the farm he loved",
    "We will open every school, and we will give every child a book and a warm meal",
    "Let me be very clear about what happened, and about what we should do now",
    "Both of our towns were built beside the water, and both of them live from the sea",
    "I have always thought that a good answer is short, simple and above all true",
)
"""Sentences of four to six seconds, as in a public speech."""

OTHER_SENTENCES = SHORT_SENTENCES + LONG_SENTENCES
