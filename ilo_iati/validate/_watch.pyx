# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The pass over a document compiled: at each watched place, what its rules read there, as one key.

A key that was judged right before is passed over; any other is handed to Python with its element. The plan comes from
`ilo_iati.validate.rules.watching`; without a compiler the same rules are found by XPath (`RuleSet.check_document`).
"""

from libc.string cimport memcmp, strcmp
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

FORM = 2
"""Of the plan; a build of another form is not used."""

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
    AGAIN = 7

cdef enum:
    # What matters of a value (projection.Use).
    EXACT = 0
    HARMLESS = 1
    PAST = 2
    PRESENT = 3

cdef enum:
    MOST = 24


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


cdef bint is_past(const unsigned char* text, int year) noexcept:
    """YYYY-MM-DD of a year from 1700 on and before `year`."""
    cdef int i, number = 0
    for i in range(10):
        if i == 4 or i == 7:
            if text[i] != 45:
                return False
        elif not 48 <= text[i] <= 57:
            return False
        elif i < 4:
            number = number * 10 + text[i] - 48
    return text[10] == 0 and 1700 <= number < year


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
    """What is read of an element: attributes, string-value, text nodes, children."""
    cdef list held, children
    cdef const char* attributes[MOST]
    cdef bint xml[MOST]
    cdef int uses[MOST]
    cdef int count, value
    cdef Names names
    cdef bint marks, texts

    def __init__(self, attributes, uses, value, marks, texts, children):
        cdef bytes one
        cdef int i
        if len(attributes) > MOST:
            raise ValueError("too many attributes at one place")
        self.held = [each.rpartition(":")[2].encode() for each in attributes]
        self.count = len(attributes)
        for i in range(self.count):
            one = self.held[i]
            self.attributes[i], self.xml[i], self.uses[i] = one, ":" in attributes[i], uses[i]
        self.value, self.marks, self.texts = -1 if value is None else value, marks, texts
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
    cdef int used, year
    cdef bint odd
    cdef list found
    cdef int position
    cdef ep._Document document

    def __init__(self, tag, record, anywhere, year):
        self.year = year
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
            self.attribute(holder, <bytes>name, False, EXACT)
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

    cdef int attribute(self, xmlNode* node, const char* name, bint xml, int use) except -1:
        cdef CAttr* attribute = <CAttr*>node.properties
        while attribute is not NULL:
            if strcmp(attribute.name, name) == 0:
                if attribute.ns is NULL:
                    if not xml:
                        break
                elif xml and attribute.ns.prefix is not NULL and strcmp(attribute.ns.prefix, b"xml") == 0:
                    break
            attribute = attribute.next
        if attribute is NULL:
            self.sign(ABSENT)
        elif attribute.children is NULL or use == PRESENT:
            self.sign(VALUE)
        elif attribute.children.next is not NULL or attribute.children.type != TEXT:
            self.odd = True
        else:
            self.content(<const unsigned char*>attribute.children.content, use)
        return 0

    cdef void content(self, const unsigned char* text, int use) noexcept:
        if (use == HARMLESS and is_plain(text)) or (use == PAST and is_past(text, self.year)):
            self.sign(PLAIN)
            return
        self.sign(VALUE)
        self.add(text)

    cdef int read(self, xmlNode* node, Reads reads) except -1:
        cdef xmlNode* child
        cdef int i, at, before = 0, length = 0, times = 0
        for i in range(reads.count):
            self.attribute(node, reads.attributes[i], reads.xml[i], reads.uses[i])
        if reads.value >= 0:
            self.text(node, reads.value)
        if not (reads.children or reads.marks or reads.texts):
            return 0
        child = node.children
        while child is not NULL:
            if child.type == ELEMENT:
                if reads.children and child.ns is NULL:
                    i = reads.names.find(<const char*>child.name)
                    if i >= 0:
                        at = self.used
                        self.sign(INTO)
                        self.sign(<unsigned char>(i + 1))
                        self.read(child, <Reads>reads.children[i])
                        self.sign(OUT)
                        if self.odd:
                            return 0
                        # Siblings alike are counted, not spelled out.
                        if length and times < 120 and self.used - at == length and \
                                memcmp(&self.key[before], &self.key[at], length) == 0:
                            times += 1
                            self.used = before + length
                            self.sign(AGAIN)
                            self.sign(<unsigned char>times)
                        else:
                            before, length, times = at, self.used - at, 0
            elif child.type == TEXT or child.type == CDATA:
                if reads.marks or reads.texts:
                    length = 0
                    self.sign(MARK)
                    if reads.texts:
                        self.add(<const unsigned char*>child.content)
            elif child.type == ENTITY:
                self.odd = True
            child = child.next
        return 0

    cdef int text(self, xmlNode* node, int use) except -1:
        """The string-value, or only what `use` asks of it."""
        cdef xmlNode* child = node.children
        if child is not NULL and child.next is NULL and child.type == TEXT:
            self.content(<const unsigned char*>child.content, use)
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
