"""Plain JSON that is the RDF: the published context, and the card of each resource.

One rule: a thing is an object with ``id`` and ``label``, what may come more than once is an array
(present even when empty), and everything else is a plain value. :data:`KEYS` says what each key
means, :data:`SHAPES` which keys an object of each sort has; everything else follows from the two.
Other rooms import every name from here.
"""

from service.cards.cards import card, card_of
from service.cards.context import (
    CONTEXT,
    CONTEXT_PATH,
    as_json,
    in_page,
    release_object,
    to_bytes,
)
from service.cards.descriptions import linked_data
from service.cards.foreign_cards import resource_card
from service.cards.hits import MAX_WORDS, Search, parse_search, search_object
from service.cards.keys import KEYS
from service.cards.mapping_table import mapping_table
from service.cards.named import NamedValues, Takes, vocabulary_of
from service.cards.objects import SHAPES, SORTS
from service.cards.openapi import API, API_PAGE, CATALOG, LINKS, Input, Operation, openapi
from service.cards.operations import SPACES, operations
from service.cards.parameters import PARAMETERS, Filter, parameters_of, parse
from service.cards.rows import COLUMNS, answer_table, table
from service.cards.schemas import name_of
from service.cards.selection import Lists, Part
