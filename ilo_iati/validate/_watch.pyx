# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The pass over a document compiled: at each watched place, what its rules read there, as one key.

A key that was judged right before is passed over; any other is handed to Python with its element. The plan comes from
`ilo_iati.validate.rules.watching`; without a compiler the same rules are found by XPath (`RuleSet.check_document`).
"""

from libc.string cimport strcmp
from lxml.includes cimport etreepublic as ep
from lxml.includes.tree cimport xmlNode

cdef extern from "libxml/tree.h":
    ctypedef struct CAttr "xmlAttr":
        const char* name
        xmlNode* children
        CAttr* next
        CNs* ns
    ctypedef struct CNs "xmlNs":
        const char* prefix

ep.import_lxml__etree()

cdef enum:
    ELEMENT = 1
    TEXT = 3
    CDATA = 4
    ENTITY = 5
    ROOM = 4096
    CACHE = 64

cdef enum:
    # What XML 1.0 allows in no text, so that a key has one reading only.
    ABSENT = 1
    VALUE = 2
    PLAIN = 3
    MARK = 4
    INTO = 5
    OUT = 6


cdef bint is_plain(const unsigned char* text) noexcept:
    """Nothing but letters, digits and -._: of ASCII, and at least one."""
    if text[0] == 0:
        return False
    while text[0]:
        if not (97 <= text[0] <= 122 or 48 <= text[0] <= 58 or 65 <= text[0] <= 90 or 45 <= text[0] <= 46
                or text[0] == 95):
            return False
        text += 1
    return True


cdef class Names:
    """A few names and their positions; libxml2 keeps one copy of a name, so its address is remembered."""
    cdef list names
    cdef const char* cache[CACHE]
    cdef int at[CACHE]

    def __init__(self, names):
        self.names = [name.encode() for name in names]

    cdef int find(self, const char* name) except -2:
        cdef int slot = (<size_t>name >> 3) & (CACHE - 1)
        cdef int i
        cdef bytes known
        if self.cache[slot] is name and self.at[slot] >= 0:
            known = <bytes>self.names[self.at[slot]]
            if strcmp(known, name) == 0:
                return self.at[slot]
        for i in range(len(self.names)):
            known = <bytes>self.names[i]
            if strcmp(known, name) == 0:
                self.cache[slot], self.at[slot] = name, i
                return i
        return -1


cdef class Reads:
    """What is read of an element: attributes (value, or only whether it is plain), text, children."""
    cdef list attributes, plain, children
    cdef Names names
    cdef bint value, plain_value, marks, texts

    def __init__(self, attributes, plain, value, plain_value, marks, texts, children):
        self.attributes = [name.encode() for name in attributes]
        self.plain = list(plain)
        self.value, self.plain_value, self.marks, self.texts = value, plain_value, marks, texts
        self.names = Names([name for name, _ in children])
        self.children = [Reads(*inner) for _, inner in children]


cdef class Watch:
    """One set of rules at a place; `right`: keys judged right; `above`: (steps up, attribute) read of ancestors."""
    cdef public int number
    cdef public set right
    cdef Reads reads
    cdef list above

    def __init__(self, number, right, reads, above):
        self.number, self.right, self.reads = number, right, Reads(*reads)
        self.above = [(steps, name.encode()) for steps, name in above]


cdef class Place:
    """A path below the record: its watches and the places below it."""
    cdef list watches, places
    cdef Names names

    def __init__(self, watches, children):
        self.watches = [Watch(*each) for each in watches]
        self.names = Names([name for name, _ in children])
        self.places = [Place(*inner) for _, inner in children]


cdef class Watcher:
    """Finds what must be judged in a document: (position of the record, number of the watch, element, key or None)."""
    cdef Place record
    cdef list anywhere
    cdef Names anywhere_names
    cdef bytes tag
    cdef unsigned char key[ROOM]
    cdef int used
    cdef bint odd
    cdef list found
    cdef int position
    cdef ep._Document document

    def __init__(self, tag, record, anywhere):
        self.tag, self.record = tag.encode(), Place(*record)
        self.anywhere_names = Names([name for name, _ in anywhere])
        self.anywhere = [[Watch(*each) for each in watches] for _, watches in anywhere]

    def look(self, ep._Element root):
        """Everything below `root` that was not judged right before, in document order."""
        cdef xmlNode* child = root._c_node.children
        self.found, self.position, self.document = [], -1, root._doc
        while child is not NULL:
            if child.type == ELEMENT and (<CNs*>child.ns) is NULL and strcmp(<const char*>child.name, self.tag) == 0:
                self.position += 1
                self.walk(child, self.record)
            child = child.next
        found, self.found, self.document = self.found, None, None
        return found

    cdef int walk(self, xmlNode* node, Place place) except -1:
        cdef xmlNode* child
        cdef int at
        if place is not None:
            for watch in place.watches:
                self.judge(node, <Watch>watch)
        child = node.children
        while child is not NULL:
            if child.type == ELEMENT:
                at = -1
                if child.ns is NULL:
                    at = self.anywhere_names.find(<const char*>child.name)
                    if at >= 0:
                        for watch in <list>self.anywhere[at]:
                            self.judge(child, <Watch>watch)
                    at = place.names.find(<const char*>child.name) if place is not None else -1
                if at >= 0:
                    self.walk(child, <Place>place.places[at])
                elif child.children is not NULL:
                    self.walk(child, None)
            child = child.next
        return 0

    cdef int judge(self, xmlNode* node, Watch watch) except -1:
        cdef xmlNode* holder
        cdef int i
        cdef bytes key
        self.used, self.odd = 0, False
        for steps, name in watch.above:
            holder = node
            for i in range(steps):
                holder = holder.parent
            self.attribute(holder, name, False)
        self.read(node, watch.reads)
        if self.odd or watch.right is None:
            self.found.append((self.position, watch.number, ep.elementFactory(self.document, node), None))
            return 0
        key = self.key[:self.used]
        if key not in watch.right:
            self.found.append((self.position, watch.number, ep.elementFactory(self.document, node), key))
        return 0

    cdef void add(self, const unsigned char* text) noexcept:
        while text[0]:
            if self.used >= ROOM - 8:
                self.odd = True
                return
            self.key[self.used] = text[0]
            self.used += 1
            text += 1

    cdef void sign(self, unsigned char mark) noexcept:
        if self.used >= ROOM - 8:
            self.odd = True
            return
        self.key[self.used] = mark
        self.used += 1

    cdef int attribute(self, xmlNode* node, bytes name, bint plain) except -1:
        cdef CAttr* attribute = <CAttr*>node.properties
        cdef const char* wanted = name
        cdef bint xml = name[:4] == b"xml:"
        if xml:
            wanted += 4
        while attribute is not NULL:
            if strcmp(attribute.name, wanted) == 0:
                if attribute.ns is NULL and not xml:
                    break
                if xml and attribute.ns is not NULL and attribute.ns.prefix is not NULL and \
                        strcmp(attribute.ns.prefix, b"xml") == 0:
                    break
            attribute = attribute.next
        if attribute is NULL:
            self.sign(ABSENT)
            return 0
        if attribute.children is NULL:
            self.sign(VALUE)
            return 0
        if attribute.children.next is not NULL or attribute.children.type != TEXT:
            self.odd = True
            return 0
        if plain and is_plain(<const unsigned char*>attribute.children.content):
            self.sign(PLAIN)
            return 0
        self.sign(VALUE)
        self.add(<const unsigned char*>attribute.children.content)
        return 0

    cdef int read(self, xmlNode* node, Reads reads) except -1:
        cdef xmlNode* child
        cdef int i
        for i in range(len(reads.attributes)):
            self.attribute(node, <bytes>reads.attributes[i], <bint>reads.plain[i])
        if reads.value:
            self.text(node, reads.plain_value)
        if not (reads.children or reads.marks or reads.texts):
            return 0
        child = node.children
        while child is not NULL:
            if child.type == ELEMENT:
                if reads.children and child.ns is NULL:
                    i = reads.names.find(<const char*>child.name)
                    if i >= 0:
                        self.sign(INTO)
                        self.sign(<unsigned char>(i + 1))
                        self.read(child, <Reads>reads.children[i])
                        self.sign(OUT)
            elif child.type == TEXT or child.type == CDATA:
                if reads.marks or reads.texts:
                    self.sign(MARK)
                    if reads.texts:
                        self.add(<const unsigned char*>child.content)
            elif child.type == ENTITY:
                self.odd = True
            child = child.next
        return 0

    cdef int text(self, xmlNode* node, bint plain) except -1:
        """The string-value, where `plain` allows only that it is plain."""
        cdef xmlNode* child = node.children
        if plain and child is not NULL and child.next is NULL and child.type == TEXT and \
                is_plain(<const unsigned char*>child.content):
            self.sign(PLAIN)
            return 0
        self.sign(VALUE)
        self.texts_below(node)
        return 0

    cdef void texts_below(self, xmlNode* node) noexcept:
        cdef xmlNode* child = node.children
        while child is not NULL:
            if child.type == TEXT or child.type == CDATA:
                self.add(<const unsigned char*>child.content)
            elif child.type == ELEMENT:
                self.texts_below(child)
            elif child.type == ENTITY:
                self.odd = True
            child = child.next
