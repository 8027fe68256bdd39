"""Texts that several tests of the workbench explain."""

QUERY = "How much do elephants eat per day?"
#: Of which the second is the best for `QUERY`.
FIVE = [
    "Cats eat about 50 g of food per day, mostly in small portions.",
    "Every day the average elephant consumes roughly 150 kg of food.",
    "Employees eat at the canteen on the second floor between noon and two.",
    "An elephant's trunk has about 40,000 muscles and no bone at all.",
    "In a zoo, the keepers weigh what the animals eat: hay, fruit and bread.",
]
#: As one pastes them: a block with blank lines between the documents.
BLOCK = "\n\n".join(FIVE)
PAIR = "Elephants: the same fact in other words"
ARTICLE = "Elephants: one sentence in a long article"
