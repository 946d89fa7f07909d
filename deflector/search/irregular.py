"""Irregular forms: what a stemmer cannot bring together, because the letters change inside of the word.

English verbs that people use when they ask for help, a line each: the verb and its other forms. Left out are
forms that are words of their own as often ("left", "found" of a company, "saw", "lay").
"""

_ENGLISH = """
be was were been
become became
begin began begun
bite bit bitten
blow blew blown
break broke broken
bring brought
build built
buy bought
catch caught
choose chose chosen
come came
deal dealt
do did done does
draw drew drawn
drink drank drunk
drive drove driven
eat ate eaten
fall fell fallen
feel felt
fight fought
fly flew flown
forget forgot forgotten
freeze froze frozen
get got gotten
give gave given
go went gone goes
grow grew grown
hear heard
hide hid hidden
hold held
keep kept
know knew known
lend lent
lose lost
make made
mean meant
meet met
overpay overpaid
pay paid
repay repaid
reset resetted
ride rode ridden
ring rang rung
rise risen
run ran
say said
sell sold
resell resold
send sent
shake shook shaken
sleep slept
speak spoke spoken
spend spent
steal stole stolen
stick stuck
swim swam swum
take took taken
teach taught
tell told
think thought
throw threw thrown
understand understood
undo undid undone
wake woke woken
wear wore worn
withdraw withdrew withdrawn
write wrote written
rewrite rewrote rewritten
overwrite overwrote overwritten
"""


def _base_forms(listed: str) -> dict[str, str]:
    rows = (line.split() for line in listed.split("\n") if line)
    return {form: verb for verb, *forms in rows for form in forms}


BASE_FORMS = {"en": _base_forms(_ENGLISH)}  # language → form → verb
