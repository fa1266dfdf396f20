# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The walker compiled: reads libxml2's nodes through lxml's public interface and appends straight into Arrow buffers.

Same plan, same rows as walk.Walker (a test holds them equal); its texts come tidied already. Whatever is rare (unclaimed paths, repeated elements,
activities of more than 65,535 lines) is handed to the Python walker's own methods.
"""

from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy, strcmp, strlen
from lxml.includes cimport etreepublic as ep
from lxml.includes.tree cimport xmlNode

cdef extern from "libxml/tree.h":
    ctypedef struct CAttr "xmlAttr":
        const char* name
        xmlNode* children
        CAttr* next
        CNs* ns
    ctypedef struct CNs "xmlNs":
        const char* href
        const char* prefix

ep.import_lxml__etree()

import pyarrow as pa

cdef enum:
    ELEMENT = 1
    TEXT = 3
    CDATA = 4
    XINCLUDE_START = 19
    XINCLUDE_END = 20
    NESTING = 16
    PAIRS = 1024
    PROBES = 8

cdef void* grown(void* memory, size_t size) except NULL:
    cdef void* new = realloc(memory, size)
    if new is NULL:
        raise MemoryError()
    return new


cdef class Texts:
    """A column of texts being built: rows without a value are NULL."""
    cdef char* data
    cdef int* offsets
    cdef unsigned char* valid
    cdef size_t used, room
    cdef Py_ssize_t rows, capacity

    def __cinit__(self):
        self.room, self.capacity = 256, 64
        self.data = <char*>grown(NULL, self.room)
        self.offsets = <int*>grown(NULL, (self.capacity + 1) * sizeof(int))
        self.valid = <unsigned char*>grown(NULL, self.capacity)
        self.offsets[0] = 0

    def __dealloc__(self):
        free(self.data)
        free(self.offsets)
        free(self.valid)

    cdef int reach(self, Py_ssize_t row) except -1:
        """Makes `row` the next to be added, with NULLs up to there."""
        if row >= self.capacity:
            while row >= self.capacity:
                self.capacity *= 2
            self.offsets = <int*>grown(self.offsets, (self.capacity + 1) * sizeof(int))
            self.valid = <unsigned char*>grown(self.valid, self.capacity)
        while self.rows < row:
            self.valid[self.rows] = 0
            self.rows += 1
            self.offsets[self.rows] = <int>self.used
        return 0

    cdef int add(self, Py_ssize_t row, const char* text, size_t length) except -1:
        """Sets the value of `row` to the text as `cast.tidy` would leave it: nothing where it is all white space."""
        cdef int step
        while length:
            step = space_at(text, length)
            if step == 0:
                break
            text += step
            length -= step
        while length:
            step = space_before(text, length)
            if step == 0:
                break
            length -= step
        if length == 0:
            return 0
        self.reach(row)
        if self.used + length > self.room:
            while self.used + length > self.room:
                self.room *= 2
            self.data = <char*>grown(self.data, self.room)
        memcpy(self.data + self.used, text, length)
        self.used += length
        self.valid[row] = 1
        self.rows = row + 1
        self.offsets[self.rows] = <int>self.used
        return 0

    cdef object take(self, Py_ssize_t rows):
        """The column as an Arrow array of `rows`, None where it holds nothing; empty afterwards."""
        cdef Py_ssize_t i
        if self.rows == 0:
            return None
        self.reach(rows)
        bits = bytearray((rows + 7) // 8)
        cdef unsigned char[:] view = bits if rows else bytearray(1)
        for i in range(rows):
            if self.valid[i]:
                view[i >> 3] |= 1 << (i & 7)
        buffers = [
            pa.py_buffer(bytes(bits)),
            pa.py_buffer((<char*>self.offsets)[:(rows + 1) * sizeof(int)]),
            pa.py_buffer(self.data[:self.used]),
        ]
        self.rows, self.used, self.offsets[0] = 0, 0, 0
        return pa.Array.from_buffers(pa.string(), rows, buffers)


cdef class Numbers:
    """A column of 32-bit numbers being built; -1 stands for NULL."""
    cdef int* data
    cdef Py_ssize_t rows, capacity

    def __cinit__(self):
        self.capacity = 64
        self.data = <int*>grown(NULL, self.capacity * sizeof(int))

    def __dealloc__(self):
        free(self.data)

    cdef int add(self, int value) except -1:
        if self.rows == self.capacity:
            self.capacity *= 2
            self.data = <int*>grown(self.data, self.capacity * sizeof(int))
        self.data[self.rows] = value
        self.rows += 1
        return 0

    cdef object take(self):
        cdef Py_ssize_t i, n = self.rows
        bits = bytearray((n + 7) // 8)
        cdef unsigned char[:] view = bits if n else bytearray(1)
        for i in range(n):
            if self.data[i] >= 0:
                view[i >> 3] |= 1 << (i & 7)
        values = pa.py_buffer((<char*>self.data)[:n * sizeof(int)])
        self.rows = 0
        return pa.Array.from_buffers(pa.int32(), n, [pa.py_buffer(bytes(bits)), values])


cdef class Table:
    """The columns of one table, `slots[i]` the i-th place of its raw rows (Texts, Numbers or None for a mark)."""
    cdef list slots, numbered
    cdef public int index
    cdef Numbers record, line, number
    cdef Py_ssize_t rows
    cdef int muted
    cdef long* marks
    cdef int width

    def __init__(self, index, width, numeric, marked):
        self.index = index
        self.record, self.line, self.number = Numbers(), Numbers(), Numbers()
        self.slots = [self.record, self.line, self.number]
        for slot in range(3, width):
            self.slots.append(Numbers() if slot in numeric else None if slot in marked else Texts())
        self.numbered = [slot for slot in self.slots[3:] if isinstance(slot, Numbers)]
        self.width = width
        self.marks = <long*>calloc(width, sizeof(long))

    def __dealloc__(self):
        free(self.marks)

    cdef object take(self):
        cdef Py_ssize_t rows = self.rows
        columns = []
        for slot in self.slots:
            if slot is None:
                columns.append(None)
            elif isinstance(slot, Numbers):
                columns.append((<Numbers>slot).take())
            else:
                columns.append((<Texts>slot).take(rows))
        self.rows = 0
        for slot in range(self.width):
            self.marks[slot] = 0
        return columns


cdef class Names:
    """Some names in the order they are expected, looked up by address first: libxml2 keeps one copy of each."""
    cdef list kept
    cdef const char** texts
    cdef const char** met
    cdef int count, last

    def __init__(self, names):
        cdef int i
        self.kept = [name.encode() for name in names]
        self.count = len(self.kept)
        self.texts = <const char**>calloc(self.count + 1, sizeof(char*))
        self.met = <const char**>calloc(self.count + 1, sizeof(char*))
        for i in range(self.count):
            self.texts[i] = <bytes>self.kept[i]

    def __dealloc__(self):
        free(self.texts)
        free(self.met)

    cdef int place(self, const char* name) except -2:
        """Index of `name`, -1 where it is none of these. What follows the last one met is tried first."""
        cdef int i, at = self.last
        for i in range(self.count):
            # An address may come to hold another name, so the name has the last word.
            if self.met[at] is name and strcmp(self.texts[at], name) == 0:
                self.last = at
                return at
            at += 1
            if at == self.count:
                at = 0
        for i in range(self.count):
            if strcmp(self.texts[i], name) == 0:
                self.met[i], self.last = name, i
                return i
        return -1


cdef class CNode:
    """A plan's Node with its names as C strings; `where` is the Python node."""
    cdef object where
    cdef list children, slots
    cdef list parents, presets, echoes
    cdef int parent_keys[NESTING]
    cdef Table starts, fills
    cdef Texts text, narrative
    cdef bint carries_narrative, is_record
    cdef int seen, key
    cdef bytes table_name, element
    cdef Names child_names, attributes_names

    cdef inline int child(self, const char* name) except -2:
        """Index of the child called `name`, -1 where there is none."""
        return self.child_names.place(name)

    cdef inline int attribute(self, const char* name) except -2:
        return self.attributes_names.place(name)


cdef class Core:
    """Walks records for a Python walker (`owner`), which keeps what is rare."""
    cdef object owner, lines
    cdef list tables
    cdef CNode root
    cdef Table narratives
    cdef Texts n_table, n_element, n_language, n_text
    cdef Numbers n_row
    cdef int* numbers
    cdef int current[64]
    cdef int ordinal, base
    cdef ep._Document document
    cdef dict keys
    cdef public Py_ssize_t size

    def __init__(self, owner, plan, lang):
        self.owner, self.keys = owner, {}
        self.numbers = <int*>calloc(len(plan.tables), sizeof(int))
        numeric = {p.index: set() for p in plan.tables}
        marked = {p.index: set(p.marks.values()) for p in plan.tables}
        self._numeric(plan.record, numeric)
        numeric[plan.narratives.index].add(4)
        self.tables = [Table(p.index, p.width, numeric[p.index], marked[p.index]) for p in plan.tables]
        self.narratives = self.tables[plan.narratives.index]
        self.n_table, self.n_row, self.n_element, self.n_language, self.n_text = self.narratives.slots[3:8]
        self.root = self._node(plan.record, lang)
        self.root.is_record = True
        self._mark_record(self.root, self.root.starts)

    def __dealloc__(self):
        free(self.numbers)

    def _numeric(self, node, numeric):
        for slot, _ in node.parents:
            numeric[node.starts.index].add(slot)
        for child in node.children.values():
            self._numeric(child, numeric)

    def _mark_record(self, CNode node, Table table):
        node.is_record = node.fills is table
        for child in node.children:
            self._mark_record(child, table)

    def _key(self, tag):
        if tag is None:
            return -1
        return self.keys.setdefault(tag, len(self.keys))

    def _node(self, node, lang):
        cdef CNode made = CNode()
        cdef int i
        made.where = node
        made.fills = self.tables[node.fills.index] if node.fills is not None else None
        made.starts = self.tables[node.starts.index] if node.starts is not None else None
        made.seen = -1 if node.seen is None else node.seen
        made.key = self._key(node.key)
        made.carries_narrative = node.narrative is not None
        slots = made.fills.slots if made.fills is not None else []
        made.narrative = slots[node.narrative] if node.narrative is not None else None
        made.text = slots[node.text] if node.text is not None else None
        made.attributes_names = Names(["xml:lang" if n == lang else n for n in node.attributes])
        made.slots = [slots[s] for s in node.attributes.values()]
        made.parents = [slots[s] for s, _ in node.parents]
        for i in range(len(node.parents)):
            made.parent_keys[i] = self._key(node.parents[i][1])
        made.presets = [(slots[s], v.encode()) for s, v in node.presets]
        made.echoes = list(node.echoes)
        made.table_name = node.fills.table.name.encode() if node.fills is not None else b""
        made.element = node.element.encode()
        made.child_names = Names(list(node.children))
        made.children = [self._node(child, lang) for child in node.children.values()]
        return made

    def record(self, ep._Element element, int ordinal, int base, lines):
        """Appends the rows of one record."""
        cdef int i
        self.ordinal, self.base, self.lines = ordinal, base, lines
        self.document = element._doc
        for i in range(len(self.tables)):
            self.numbers[i] = 0
        for i in range(64):
            self.current[i] = -1
        self.walk(element._c_node, self.root, None)
        self.document = None

    def take(self):
        """By table: the raw columns as Arrow arrays (None for places without a column), or None without rows."""
        self.size = 0
        return [(<Table>table).take() if (<Table>table).rows else None for table in self.tables]

    cdef int line_of(self, xmlNode* c_node) except -1:
        if self.lines is not None:
            return self.lines(ep.elementFactory(self.document, c_node))
        return self.base + c_node.line

    cdef int strange(self, xmlNode* c_node, CNode node, name, value) except -1:
        self.owner._strange(ep.elementFactory(self.document, c_node), node.where, name, value)
        return 0

    cdef int walk(self, xmlNode* c_node, CNode node, Table outer) except -1:
        cdef Table table = node.fills
        cdef xmlNode* c_child
        cdef CNode inner
        cdef int at
        if node.starts is not None:
            self.begin(c_node, node)
        if c_node.properties is not NULL:
            self.attributes(c_node, node, table)
        c_child = c_node.children
        if c_child is not NULL:
            self.text(c_node, node, table)
        while c_child is not NULL:
            if c_child.type == ELEMENT:
                at = -1 if c_child.ns is not NULL else node.child(<const char*>c_child.name)
                if at < 0:
                    self.unknown(c_child, node, table)
                else:
                    inner = <CNode>node.children[at]
                    if inner.seen < 0:
                        self.walk(c_child, inner, table)
                    elif table.marks[inner.seen] != table.rows:
                        table.marks[inner.seen] = table.rows
                        self.walk(c_child, inner, table)
                    else:
                        self.owner._repeat(ep.elementFactory(self.document, c_child), inner.where)
                        table.muted += 1
                        self.walk(c_child, inner, table)
                        table.muted -= 1
                if c_child.next is not NULL and not blank_run(c_child.next):
                    self.astray(c_node, c_child, node, "text()")
            c_child = c_child.next
        if node.starts is not None:
            self.end(node, outer)
        return 0

    cdef int begin(self, xmlNode* c_node, CNode node) except -1:
        cdef Table table = node.starts
        cdef int number = self.numbers[table.index] + 1
        cdef int i
        self.numbers[table.index] = number
        table.record.add(self.ordinal)
        table.line.add(self.line_of(c_node))
        table.number.add(number)
        table.rows += 1
        self.size += 1
        for i in range(len(table.numbered)):
            (<Numbers>table.numbered[i]).add(-1)
        for i in range(len(node.parents)):
            (<Numbers>node.parents[i]).data[table.rows - 1] = self.current[node.parent_keys[i]]
        for slot, value in node.presets:
            (<Texts>slot).add(table.rows - 1, <bytes>value, len(<bytes>value))
        if node.key >= 0:
            self.current[node.key] = number
        return 0

    cdef int end(self, CNode node, Table outer) except -1:
        cdef Texts here, there
        cdef Py_ssize_t row = node.starts.rows - 1
        if node.key >= 0:
            self.current[node.key] = -1
        for up, own in node.echoes:
            here, there = <Texts>node.starts.slots[own], <Texts>outer.slots[up]
            if not outer.muted and there.rows < outer.rows and here.rows == row + 1 and here.valid[row]:
                there.add(outer.rows - 1, here.data + here.offsets[row], here.offsets[row + 1] - here.offsets[row])
        return 0

    cdef int attributes(self, xmlNode* c_node, CNode node, Table table) except -1:
        cdef CAttr* c_attr = <CAttr*>c_node.properties
        cdef const char* name
        cdef int at
        cdef xmlNode* value
        while c_attr is not NULL:
            name = c_attr.name
            if c_attr.ns is not NULL:
                is_lang = c_attr.ns.prefix is not NULL and strcmp(c_attr.ns.prefix, b"xml") == 0 and strcmp(name, b"lang") == 0
                at = node.attribute(b"xml:lang") if is_lang else -1
            else:
                at = node.attribute(name)
            value = c_attr.children
            if at < 0:
                self.strange_attribute(c_node, c_attr, node)
            elif not table.muted:
                if value is NULL:
                    (<Texts>node.slots[at]).add(table.rows - 1, b"", 0)
                elif value.next is NULL and value.type == TEXT:
                    (<Texts>node.slots[at]).add(table.rows - 1, <const char*>value.content, strlen(<const char*>value.content))
                else:
                    whole = (<object>ep.elementFactory(self.document, c_node)).get(name.decode()).encode()
                    (<Texts>node.slots[at]).add(table.rows - 1, <bytes>whole, len(<bytes>whole))
            c_attr = c_attr.next
        return 0

    cdef int strange_attribute(self, xmlNode* c_node, CAttr* c_attr, CNode node) except -1:
        element = ep.elementFactory(self.document, c_node)
        name = c_attr.name.decode()
        if c_attr.ns is not NULL:
            name = "{" + c_attr.ns.href.decode() + "}" + name
        self.owner._strange(element, node.where, "@" + name, element.get(name))
        return 0

    cdef int text(self, xmlNode* c_node, CNode node, Table table) except -1:
        """The text before the first child element."""
        if node.text is not None:
            if not table.muted:
                add_text(node.text, table.rows - 1, c_node.children)
        elif not blank_run(c_node.children):
            text = lead(c_node.children)
            if text is not None and not text.isspace():
                self.owner._strange(ep.elementFactory(self.document, c_node), node.where, "text()", text)
        return 0

    cdef int astray(self, xmlNode* c_node, xmlNode* c_child, CNode node, name) except -1:
        """Text behind a child element, where no table looks for any."""
        text = lead(c_child.next)
        if text is not None and not text.isspace():
            self.owner._strange(ep.elementFactory(self.document, c_node), node.where, name, text)
        return 0

    cdef int unknown(self, xmlNode* c_child, CNode node, Table table) except -1:
        if node.carries_narrative and c_child.ns is NULL and strcmp(<const char*>c_child.name, b"narrative") == 0:
            return self.narrative(c_child, node, table)
        element = ep.elementFactory(self.document, c_child)
        self.owner._strange(element, node.where, element.tag, None)
        return 0

    cdef int narrative(self, xmlNode* c_node, CNode node, Table table) except -1:
        cdef Table mine = self.narratives
        cdef Py_ssize_t row = mine.rows
        cdef int number = self.numbers[mine.index] + 1
        cdef CAttr* c_attr = <CAttr*>c_node.properties
        cdef xmlNode* c_child
        while c_attr is not NULL:
            if (c_attr.ns is not NULL and c_attr.ns.prefix is not NULL and strcmp(c_attr.ns.prefix, b"xml") == 0
                    and strcmp(c_attr.name, b"lang") == 0):
                add_text(self.n_language, row, c_attr.children)
            else:
                element = ep.elementFactory(self.document, c_node)
                name = c_attr.name.decode()
                if c_attr.ns is not NULL:
                    name = "{" + c_attr.ns.href.decode() + "}" + name
                self.owner._strange(element, node.where, "narrative/@" + name, element.get(name))
            c_attr = c_attr.next
        add_text(self.n_text, row, c_node.children)
        if (node.narrative is not None and not table.muted and node.narrative.rows < table.rows
                and self.n_text.rows == row + 1):
            node.narrative.add(table.rows - 1, self.n_text.data + self.n_text.offsets[row],
                               self.n_text.offsets[row + 1] - self.n_text.offsets[row])
        c_child = c_node.children
        while c_child is not NULL:
            if c_child.type == ELEMENT:
                element = ep.elementFactory(self.document, c_child)
                self.owner._strange(element, node.where, "narrative/" + element.tag, None)
                if c_child.next is not NULL and not blank_run(c_child.next):
                    self.astray(c_node, c_child, node, "narrative/text()")
            c_child = c_child.next
        self.numbers[mine.index] = number
        mine.record.add(self.ordinal)
        mine.line.add(self.line_of(c_node))
        mine.number.add(number)
        self.n_table.add(row, node.table_name, len(node.table_name))
        self.n_row.add(-1 if node.is_record else self.numbers[table.index])
        self.n_element.add(row, node.element, len(node.element))
        mine.rows += 1
        self.size += 1
        return 0


cdef inline int space_at(const char* text, size_t length) noexcept:
    """Bytes of the white space that `text` begins with, 0 where it begins with something else."""
    cdef const unsigned char* t = <const unsigned char*>text
    if t[0] < 128:
        return space(text[0])
    if t[0] == 0xC2 and length > 1:
        return 2 if t[1] == 0x85 or t[1] == 0xA0 else 0
    return 3 if length > 2 and wide_space(t) else 0


cdef inline int space_before(const char* text, size_t length) noexcept:
    """The same for its end."""
    cdef const unsigned char* t = <const unsigned char*>text + length
    if (t - 1)[0] < 128:
        return space(text[length - 1])
    if length > 1 and (t - 2)[0] == 0xC2:
        return 2 if (t - 1)[0] == 0x85 or (t - 1)[0] == 0xA0 else 0
    return 3 if length > 2 and wide_space(t - 3) else 0


cdef bint wide_space(const unsigned char* t) noexcept:
    """U+1680, U+2000-200A, U+2028, U+2029, U+202F, U+205F or U+3000: what Unicode calls white space in three bytes."""
    if t[0] == 0xE2 and t[1] == 0x80:
        return t[2] <= 0x8A or t[2] == 0xA8 or t[2] == 0xA9 or t[2] == 0xAF
    return (
        (t[0] == 0xE2 and t[1] == 0x81 and t[2] == 0x9F)
        or (t[0] == 0xE1 and t[1] == 0x9A and t[2] == 0x80)
        or (t[0] == 0xE3 and t[1] == 0x80 and t[2] == 0x80)
    )


cdef inline bint space(char c) noexcept:
    return c == 32 or (9 <= c <= 13) or (28 <= c <= 31)


cdef bint blank(const char* text) noexcept:
    """No character but ASCII white space."""
    while text[0] != 0:
        if not space(text[0]):
            return False
        text += 1
    return True


cdef bint blank_run(xmlNode* first) noexcept:
    """No text but ASCII white space in the nodes from `first` up to the next element."""
    while first is not NULL and first.type != ELEMENT:
        if (first.type == TEXT or first.type == CDATA) and not blank(<const char*>first.content):
            return False
        first = first.next
    return True


cdef bytes run(xmlNode* first):
    """The text of the nodes up to the next element, put together across comments; None where there is none."""
    pieces = []
    while first is not NULL and first.type != ELEMENT:
        if first.type == TEXT or first.type == CDATA:
            pieces.append(<bytes>(<const char*>first.content))
        first = first.next
    return b"".join(pieces) if pieces else None


cdef lead(xmlNode* first):
    text = run(first)
    return None if text is None else text.decode("utf-8")


cdef int add_text(Texts column, Py_ssize_t row, xmlNode* first) except -1:
    """Appends the text up to the first element; nothing where there is none."""
    if first is NULL:
        return 0
    if first.next is NULL and (first.type == TEXT or first.type == CDATA):
        column.add(row, <const char*>first.content, strlen(<const char*>first.content))
        return 0
    whole = run(first)
    if whole is not None:
        column.add(row, <bytes>whole, len(<bytes>whole))
    return 0


cdef class PairCounter:
    """Counts elements by the tags of parent and element: `known` gives the pairs that matter."""
    cdef dict known, kept, totals
    cdef const char* parents[PAIRS]
    cdef const char* tags[PAIRS]
    cdef const char* parent_names[PAIRS]
    cdef const char* tag_names[PAIRS]
    cdef long found[PAIRS]
    cdef int matters[PAIRS]
    cdef int verified[PAIRS]
    cdef int calls

    def __init__(self, pairs):
        self.known = {(a.encode(), b.encode()): (a, b) for a, b in pairs}
        self.kept, self.totals = {}, {}

    def add(self, ep._Element element):
        """Counts what stands at and below `element`."""
        cdef xmlNode* top = element._c_node
        cdef xmlNode* node = top
        self.calls += 1
        while node is not NULL:
            if node.type == ELEMENT:
                if node.ns is NULL and node.parent is not NULL and node.parent.type == ELEMENT and node.parent.ns is NULL:
                    self.one(<const char*>node.parent.name, <const char*>node.name)
                if node.children is not NULL:
                    node = node.children
                    continue
            while node is not top and node.next is NULL:
                node = node.parent
            if node is top:
                break
            node = node.next

    def take(self):
        """{(parent, tag): number} since the last time."""
        cdef int at
        for at in range(PAIRS):
            if self.parents[at] is not NULL:
                self.flush(at)
        totals, self.totals = self.totals, {}
        return totals

    cdef int one(self, const char* parent, const char* tag) except -1:
        """An address stands for its name; that it still holds it is looked at once a call and place."""
        cdef int first = (((<size_t>parent >> 2) * 31) ^ (<size_t>tag >> 2)) & (PAIRS - 1)
        cdef int at = first
        while self.parents[at] is not parent or self.tags[at] is not tag:
            if self.parents[at] is NULL or at - first == PROBES or at == PAIRS - 1:
                self.learn(at, parent, tag)
                break
            at += 1
        if self.verified[at] != self.calls:
            if strcmp(self.parent_names[at], parent) != 0 or strcmp(self.tag_names[at], tag) != 0:
                self.learn(at, parent, tag)
            self.verified[at] = self.calls
        self.found[at] += self.matters[at]
        return 0

    cdef int learn(self, int at, const char* parent, const char* tag) except -1:
        """The place stands for this pair from now on."""
        if self.parents[at] is not NULL:
            self.flush(at)
        self.parents[at], self.tags[at] = parent, tag
        self.parent_names[at], self.tag_names[at] = self.keep(parent), self.keep(tag)
        self.matters[at] = (<bytes>parent, <bytes>tag) in self.known
        return 0

    cdef const char* keep(self, const char* name) except NULL:
        cdef bytes own = <bytes>name
        own = <bytes>self.kept.setdefault(own, own)
        return own

    cdef int flush(self, int at) except -1:
        if self.found[at]:
            pair = self.known[(<bytes>self.parent_names[at], <bytes>self.tag_names[at])]
            self.totals[pair] = self.totals.get(pair, 0) + self.found[at]
            self.found[at] = 0
        return 0
