#!/usr/bin/env python3
"""Every message has a test: reads the C sources for all texts that a diagnostic can say, runs the wrong
files and some situations that files alone do not make, and lists the texts that nothing provoked.

A text is the format of a call of a reporter: a function that the sources declare with the attribute
format(printf, ...), or one that hands a parameter on to it. Where the format is only "%s", the texts are looked for
where its argument comes from: the other literals of the call, arena_printf, assignments to a local variable,
`->help = ...`, and what a function of the sources returns. Those that fill a %s are wanted too: as a part of
some message.

usage: tests/messages_test.py [--list]     --list prints every text that is looked for
"""

import re
import shlex
import struct
import sys
from pathlib import Path

import tools
from weight_files import Entry, npy, npz, zip_archive

WRONG = tools.ROOT / "tests" / "wrong"
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|/\*.*?\*/|//[^\n]*', re.S)
COMPOSER = "arena_printf"
FUNCTION = re.compile(r"^([A-Za-z][\w \*]*?)\b(\w+)\(([^;{}]*?)\)\s*\{$(.*?)^\}", re.S | re.M)
DECLARATION = re.compile(r"(\w+)\([^;{]*?\)\s*__attribute__\(\(format\(printf, (\d+), \d+\)\)\)")
CONVERSION = re.compile(r"%(?:%|[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j|t)?([a-zA-Z]))")
PATTERNS = {"d": r"-?\d+", "i": r"-?\d+", "u": r"\d+", "x": r"[0-9a-f]+", "c": ".", "s": ".*?"}


# --- C text ---

def plain(source):
    """C text without comments, with PRId64 and the like as literals."""
    source = TOKEN.sub(lambda m: m.group() if m.group()[0] in "\"'" else " ", source)
    return re.sub(r"\bPRI([diux])64\b", r'"\1"', source)


def arguments(text, start):
    """The arguments of a call whose parenthesis is at text[start - 1], and where it ends."""
    found, depth, begin, at = [], 0, start, start
    while at < len(text):
        literal = TOKEN.match(text, at)
        if literal:
            at = literal.end()
            continue
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}" and depth == 0:
            break
        elif text[at] in ")]}":
            depth -= 1
        elif text[at] == "," and depth == 0:
            found.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return found + [text[begin:at].strip()], at


def calls(text, names):
    """(name, arguments, the text without them) of the outermost calls of the functions named."""
    for match in re.finditer(r"(?<![\w>.])(\w+)\s*\(", TOKEN.sub(lambda m: "." * len(m.group()), text)):
        if match.group(1) in names:
            yield match.group(1), arguments(text, match.end())[0]


def literals(expression):
    """The strings of an expression outside of calls; neighbours are one. Formats are not yet patterns."""
    bare = ""
    at = 0
    while at < len(expression):
        token = TOKEN.match(expression, at)
        if token:
            bare += token.group()
            at = token.end()
        elif expression[at] == "(" and re.search(r"\w\s*$", bare) and not re.search(r'"\s*$', bare):
            at = arguments(expression, at + 1)[1] + 1
            bare += "()"
        else:
            bare += expression[at]
            at += 1
    groups = re.findall(r'"(?:\\.|[^"\\])*"(?:\s*"(?:\\.|[^"\\])*")*', bare)
    join = lambda group: "".join(part[1:-1] for part in re.findall(r'"(?:\\.|[^"\\])*"', group))
    unescape = lambda s: re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), s)
    compared = re.findall(r'[!=]=\s*("(?:\\.|[^"\\])*")', bare)
    return [unescape(join(group)) for group in groups if group not in compared]


def pattern(text):
    """A format as a regular expression, to be searched for: what any text may stand before begins with its first letter."""
    result, at = "", 0
    for match in CONVERSION.finditer(text):
        result += re.escape(text[at:match.start()])
        result += "%" if match.group() == "%%" else PATTERNS.get(match.group(1), r"\S+?")
        at = match.end()
    return (result + re.escape(text[at:])).removeprefix(PATTERNS["s"])


def says_something(text):
    return re.search(r"[a-zA-Z]{2}", CONVERSION.sub("", text)) is not None


# --- the texts of all messages ---

class Sources:
    """The functions of C files, {path: text}, and which of them report messages."""

    def __init__(self, files):
        self.functions, self.reporters = {}, {}
        for path, text in files.items():
            text = plain(text)
            for name, index in DECLARATION.findall(text):
                if name != COMPOSER:
                    self.reporters[name] = int(index) - 1
            for match in FUNCTION.finditer(text):
                parameters = [p.split()[-1].lstrip("*") if p.split() else "" for p in match.group(3).split(",")]
                parameters = [re.sub(r"\[.*", "", p) for p in parameters]
                self.functions.setdefault(match.group(2), []).append((path, parameters, match.group(4)))
        self.primitive = set(self.reporters)
        while self.find_wrappers():
            pass

    def find_wrappers(self):
        """Functions that hand a parameter on as the text of a message are reporters as well."""
        before = len(self.reporters)
        for name, bodies in self.functions.items():
            for _, parameters, body in bodies if name not in self.primitive else ():
                for called, given in calls(body, self.reporters):
                    text = self.text_arguments(called, given)[0]
                    if text in parameters:
                        self.reporters.setdefault(name, parameters.index(text))
        return len(self.reporters) > before

    def text_arguments(self, called, given):
        """The format and what fills it; where it is only "%s", that instead."""
        given = given[self.reporters[called]:]
        return given[1:] if len(given) > 1 and given[0] == '"%s"' else given or [""]

    def texts(self, expression, body, path, seen):
        """All texts that an expression in a function's body may be: (text, argument expressions that fill it)."""
        found = [(text, []) for text in literals(expression)]
        for called, given in calls(expression, {COMPOSER}):
            found += [(text, given[2:]) for text in literals(given[1])]
        bare = TOKEN.sub(" ", expression)
        for name in set(re.findall(r"(?<![\w>.])([a-z_]\w*)\b(?!\s*[\(\w])", bare)):
            for value in re.findall(rf"(?<![\w>.]){name}\s*=(?!=)((?:[^;\"]|\"(?:\\.|[^\"\\])*\")*);", body):
                if (name, path, value) not in seen:
                    seen.add((name, path, value))
                    found += self.texts(value, body, path, seen)
            for table in re.findall(rf"\b{name}\[\]\s*=\s*(\{{.*?\}});", body, re.S):
                found += [(text, []) for text in literals(table)]
        for name in set(re.findall(r"\b([a-z_]\w*)\s*\(", bare)) - {COMPOSER}:
            for other, _, inner in self.functions.get(name, ()):
                if (name, other) not in seen:
                    seen.add((name, other))
                    for value in re.findall(r"\breturn\b((?:[^;\"]|\"(?:\\.|[^\"\\])*\")*);", inner):
                        found += self.texts(value, inner, other, seen)
        return found

    def expand(self, expression, body, path, seen):
        """The texts of an expression, and of what fills them."""
        for text, fillers in self.texts(expression, body, path, seen):
            yield text
            for filler in fillers:
                yield from self.expand(filler, body, path, seen)

    def messages(self):
        """{text: files that can say it}."""
        found = {}
        for name, bodies in self.functions.items():
            for path, parameters, body in bodies if name not in self.primitive else ():
                expressions = [e for called, given in calls(body, self.reporters)
                               for e in self.text_arguments(called, given) if e not in parameters]
                expressions += re.findall(r"->help\s*=((?:[^;\"]|\"(?:\\.|[^\"\\])*\")*);", body)
                for expression in expressions:
                    for text in self.expand(expression, body, path, set()):
                        if says_something(text):
                            found.setdefault(text, set()).add(path)
        return found


def project_sources():
    files = [p for folder in ("lexer", "parser", "ir") for p in sorted((tools.ROOT / folder).rglob("*"))
             if p.suffix in (".c", ".h", ".l", ".y")]
    return {str(p.relative_to(tools.ROOT)): p.read_text() for p in files}


def syntax_words(files):
    """The words for what the grammar expects, which tables hold."""
    groups = re.findall(r'^    \{"([^"]+)",$|^    \{"([^"]+)", \{', files["parser/expected.c"], re.M)
    return {"".join(group): {"parser/expected.c"} for group in groups}


def unprovoked(texts, printed):
    return [text for text in sorted(texts) if not re.search(pattern(text), printed)]


# --- what provokes them ---

def say(*words, **options):
    return tools.cnnc("--check", *words, **options).stderr


def from_wrong_files():
    """The messages of all wrong files, without the excerpts of the sources."""
    printed = []
    for path in sorted(WRONG.rglob("*.cnn")):
        if "parts" not in path.parts:
            options = re.findall(r"#! options: (.*?)\s*(?=#!|$)", path.read_text(errors="replace"), re.M)
            printed.append(say(*shlex.split(" ".join(options)), path, cwd=path.parent))
    return "".join(printed)


def net(body, before=""):
    return f"{before}network n {{\n    input x: 8x8x4\n{body}    output y = x -> conv(1, 4)\n}}\n"


def from_situations(folder):
    """Files too many, too large, or of a kind that no repository holds."""
    file = folder / "net.cnn"

    def check(text, *words):
        file.write_text(text)
        return say(*words, file)

    def compile_(text, *words):
        file.write_text(text)
        return tools.cnnc("-c", *words, file, "-o", folder / "net.o").stderr

    for i in range(70):
        (folder / f"part{i}.cnn").write_text(f"c{i} = {i}\n")
        (folder / f"deep{i}.cnn").write_text(f'import "deep{i + 1}.cnn"\n')
    printed = check(net("", "".join(f'import "part{i}.cnn"\n' for i in range(70))), "--weights=random:1")
    printed += check(net("", 'import "deep0.cnn"\n'), "--weights=random:1")
    (folder / "link").symlink_to("part0.cnn")
    (folder / "folder").mkdir()
    with open(folder / "large", "wb") as large:
        large.truncate(2 << 20)
    with open(folder / "huge", "wb") as huge:
        huge.truncate(1 << 43)
    for name in ("link", "folder", "large", "huge", "missing", "../outside"):
        printed += compile_(net(f'    weights "{name}"\n'))
        printed += check(net("", f'import "{name}"\n'))
        printed += check(net("").replace("\n}", f'\n    labels "{name}"\n}}'))
        printed += check(net(""), f"--weights={folder / name}")
    marks = 2000001
    (folder / "marks").write_bytes(struct.pack("<Q", marks) + b"{" + b"," * (marks - 1))
    (folder / "entries").write_bytes(npz({str(i): b"" for i in range(65536)}))
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}" + " " * 64000
    heads = npy(None, None, b"", head=head)
    (folder / "heads").write_bytes(zip_archive([Entry(f"{i}.npy", heads, method=8) for i in range(300)]))
    for name in ("link", "huge", "folder"):
        (folder / f"{name}.index").write_text(f'{{"weight_map": {{"conv1.weight": "{name}", "conv1.bias": "{name}"}}}}')
    for name in ("marks", "entries", "heads", "link.index", "huge.index", "folder.index"):
        printed += check(net(""), f"--weights={folder / name}")
    printed += compile_(net(""))
    tall_and_wide = "".join(f"    output {name} = x -> conv(1, 1, padding = {padding})\n"
                            for name, padding in (("tall", "1000000x0"), ("wide", "0x1000000")))
    large = f"network n {{\n    input x: 1x1x1\n{tall_and_wide}}}\n"
    return printed + compile_(large, "--weights=random:1")


def from_everything():
    with tools.temporary_folder() as place:
        printed = from_wrong_files() + from_situations(Path(place).resolve())
    return "\n".join(line for line in printed.splitlines() if not re.match(r" +(\d+ )?\|", line))


# --- that this test can fail ---

MADE_UP = r'''
bool made_up(struct layer *layer, bool rows) {
    const char *kind = rows ? "made-up rows" : "made-up columns";
    if (rows)
        return layer_error(layer, "kernel", E0412_WINDOW, rows ? "made up: one %s" : "made up:"
                           " many %" PRId64, kind, 3);
    layer->help = arena_printf(layer->arena, "made up: help of %d", 3);
    hand_on(layer, arena_printf(layer->arena, "made up: handed on")); // "a comment"
    return false;
}
static const char *made_up_reason(enum result result) {
    return result == READ_OK ? "a made-up reason" : NULL;
}
static const char *made_up_table(int i) {
    static const char *const table[] = {"made up: first", "made up: second"};
    return table[i];
}
static void hand_on(struct layer *layer, const char *text) {
    report_error(layer->diagnostics, layer->span, E0412_WINDOW, "%s", text);
    report_plain_error(layer->diagnostics, NEW_ARGUMENT, "made up by %s", made_up_reason(READ_OK));
    add_help(layer->diagnostics, NULL, "%s", made_up_table(1));
}
'''


def check_self(counter, files, texts, printed):
    changed = dict(files, **{"ir/made_up.c": MADE_UP})
    found = unprovoked(Sources(changed).messages().keys() - texts.keys(), printed)
    wanted = ["made-up rows", "made-up columns", "made up: one %s", "made up: many %d", "made up: help of %d",
              "made up: handed on", "made up by %s", "a made-up reason", "made up: first", "made up: second"]
    counter.check(set(wanted) <= set(found), "messages made up are found unprovoked", sorted(set(wanted) - set(found)))
    counter.check("a comment" not in found, "comments are no messages")
    known = ["window %dx%d does not fit the padded input %dx%d", "expected %s, found %s", "unknown name `%s`",
             "the file has %zu bytes; the length of its header alone takes 8", "`-> flatten` makes it a vector",
             "nested too deeply", "the filter's scale divides by 0",
             "network %s has %zu parameter tensor%s, such as '%s', and no weights"]
    for text in known:
        counter.check(text in texts, f"known to the sources: {text}")


def main(words):
    counter = tools.Counter()
    files = project_sources()
    texts = {**Sources(files).messages(), **syntax_words(files)}
    if words == ["--list"]:
        for text in sorted(texts):
            print(f"{', '.join(sorted(texts[text]))}: {text}")
        return
    printed = from_everything()
    missing = unprovoked(texts, printed)
    for text in sorted(texts):
        counter.check(text not in missing, f"no test provokes: {text}", ", ".join(sorted(texts[text])))
    counter.check(len(texts) > 200, "the sources hold messages", len(texts))
    check_self(counter, files, texts, printed)
    counter.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
