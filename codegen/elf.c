/* An object file and a block of bytes in, the object file with the block as a section out. ELF says
 * by offsets where its parts lie (System V ABI, chapter 4), so nothing moves: the block, the names
 * of the sections and the table of sections, which LLVM writes last, are put behind the rest. */
#include "codegen/elf.h"

#include <elf.h>
#include <string.h>

enum { SECTION_ALIGNMENT = 64 };

struct object {
    struct arena *arena;
    char *bytes;
    size_t length;
    Elf64_Ehdr header;
    Elf64_Shdr *sections; /* a copy with room for one more */
};

/* Whether [offset, offset + size) lies in the file. */
static bool inside(const struct object *object, uint64_t offset, uint64_t size) {
    return offset <= object->length && size <= object->length - offset;
}

static bool read_sections(struct object *object) {
    Elf64_Ehdr *h = &object->header;
    if (!inside(object, 0, sizeof *h))
        return false;
    memcpy(h, object->bytes, sizeof *h);
    uint64_t bytes = (uint64_t)h->e_shnum * sizeof *object->sections;
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) || h->e_ident[EI_CLASS] != ELFCLASS64 ||
        h->e_type != ET_REL || h->e_shentsize != sizeof *object->sections ||
        h->e_shstrndx >= h->e_shnum || !inside(object, h->e_shoff, bytes))
        return false;
    object->sections = ARENA_ARRAY(object->arena, Elf64_Shdr, h->e_shnum + 1);
    memcpy(object->sections, object->bytes + h->e_shoff, bytes);
    for (int i = 1; i < h->e_shnum; i++)
        if (object->sections[i].sh_type != SHT_NOBITS &&
            !inside(object, object->sections[i].sh_offset, object->sections[i].sh_size))
            return false;
    return h->e_shoff + bytes == object->length;
}

/* The table of symbols is changed where it lies. NULL: no such symbol. */
static Elf64_Sym *find_symbol(const struct object *object, const char *name) {
    for (int i = 1; i < object->header.e_shnum; i++) {
        const Elf64_Shdr *table = &object->sections[i];
        if (table->sh_type != SHT_SYMTAB || table->sh_link >= object->header.e_shnum)
            continue;
        const Elf64_Shdr *names = &object->sections[table->sh_link];
        Elf64_Sym *symbols = (Elf64_Sym *)(void *)(object->bytes + table->sh_offset);
        for (size_t s = 0; s < table->sh_size / sizeof *symbols; s++)
            if (symbols[s].st_name < names->sh_size &&
                strcmp(object->bytes + names->sh_offset + symbols[s].st_name, name) == 0)
                return &symbols[s];
    }
    return NULL;
}

/* The names of the sections with one more, which *name is the place of. */
static struct pieces more_names(const struct object *object, const char *added, Elf64_Word *name) {
    const Elf64_Shdr *old = &object->sections[object->header.e_shstrndx];
    struct pieces names = {0};
    *name = (Elf64_Word)old->sh_size;
    pieces_add(&names, object->arena, object->bytes + old->sh_offset, old->sh_size);
    pieces_add(&names, object->arena, added, strlen(added) + 1);
    return names;
}

static void append_section(struct pieces *out, struct arena *arena, Elf64_Shdr *section,
                           const struct pieces *content, size_t alignment) {
    pieces_align(out, arena, alignment);
    section->sh_offset = out->length;
    section->sh_size = content->length;
    pieces_append(out, arena, content);
}

bool elf_define(struct pieces *file, struct arena *arena, const char *symbol,
                const struct pieces *content) {
    struct object object = {
        .arena = arena, .bytes = pieces_join(file, arena), .length = file->length};
    if (!read_sections(&object))
        return false;
    Elf64_Sym *defined = find_symbol(&object, symbol);
    if (!defined)
        return true;
    Elf64_Ehdr *header = &object.header;
    Elf64_Shdr *added = &object.sections[header->e_shnum];
    defined->st_shndx = header->e_shnum;
    defined->st_size = content->length;
    defined->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    *added = (Elf64_Shdr){
        .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC, .sh_addralign = SECTION_ALIGNMENT};
    struct pieces strings =
        more_names(&object, arena_printf(arena, ".rodata.%s", symbol), &added->sh_name);

    struct pieces out = {0};
    pieces_add(&out, arena, object.bytes, header->e_shoff);
    append_section(&out, arena, added, content, SECTION_ALIGNMENT);
    append_section(&out, arena, &object.sections[header->e_shstrndx], &strings, 1);
    pieces_align(&out, arena, sizeof(Elf64_Xword));
    header->e_shoff = out.length;
    header->e_shnum++;
    pieces_add(&out, arena, object.sections, header->e_shnum * sizeof *object.sections);
    memcpy(object.bytes, header, sizeof *header);
    *file = out;
    return true;
}
