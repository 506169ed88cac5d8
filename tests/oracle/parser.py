"""Text of a network file into nested tuples, as the grammar of docs/language.md says.

Expressions: ("number", v) ("string", [text or expression, ...]) ("bool", v) ("size", (3, 5))
("name", n) ("list", [e, ...]) ("call", name, args) ("stage", input, label, name, args)
("unary", op, e) ("binary", op, a, b) ("range", a, b) ("choice", c, a, b).
args is a list of (name or None, expression)."""

import re

TOKEN = re.compile(r"""
    (?P<skip>\s+|\#[^\n]*)
  | (?P<size>\d+(?:x\d+)+(?![\w]))
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[KMG]?(?![\w]))
  | (?P<name>[A-Za-z_]\w*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<op>->|\.\.|<=|>=|==|!=|[-+*/%^<>=(){}\[\],:;|])
""", re.X)
SUFFIX = {"K": 10**3, "M": 10**6, "G": 10**9}


def tokens(text):
    result, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise SyntaxError(f"at {text[at:at + 20]!r}")
        at = match.end()
        if match.lastgroup != "skip":
            result.append((match.lastgroup, match.group()))
    return result + [("end", "")]


def number(text):
    scale = SUFFIX.get(text[-1])
    digits = text[:-1] if scale else text
    value = float(digits) if re.search(r"[.eE]", digits) else int(digits)
    return value * (scale or 1)


class Parser:
    def __init__(self, text):
        self.tokens, self.at = tokens(text), 0

    def peek(self, ahead=0):
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, text):
        if self.peek()[0] in ("op", "name") and self.peek()[1] == text:
            self.at += 1
            return True
        return False

    def expect(self, text):
        if not self.accept(text):
            raise SyntaxError(f"expected {text!r}, found {self.peek()[1]!r}")

    def name(self):
        kind, text = self.next()
        if kind != "name":
            raise SyntaxError(f"expected a name, found {text!r}")
        return text

    def file(self):
        items = []
        while self.peek()[0] != "end":
            items.append(self.item())
        return items

    def item(self):
        if self.accept("filter"):
            name = self.name()
            self.expect("=")
            return ("filter", name, self.filter())
        if self.accept("block"):
            name = self.name()
            self.expect("(")
            return ("block", name, self.parameters(), self.body())
        if self.accept("network"):
            name = self.name()
            parameters = self.parameters() if self.accept("(") else []
            return ("network", name, parameters, self.body())
        name = self.name()
        self.expect("=")
        return ("constant", name, self.expression())

    def parameters(self):
        result = []
        while not self.accept(")"):
            name = self.name()
            result.append((name, self.expression() if self.accept("=") else None))
            if not self.accept(","):
                self.expect(")")
                break
        return result

    def filter(self):
        """A list of planes, each a list of rows."""
        scale = 1.0
        if self.peek()[1] != "[":
            scale = self.signed()
            if self.accept("/"):
                scale /= self.signed()
            self.expect("*")
        self.expect("[")
        planes = [[[]]]
        while not self.accept("]"):
            if self.accept(";"):
                planes[-1].append([])
            elif self.accept("|"):
                planes.append([[]])
            else:
                planes[-1][-1].append(self.signed() * scale)
        return planes

    def signed(self):
        return -self.signed() if self.accept("-") else number(self.next()[1])

    def body(self):
        self.expect("{")
        statements = []
        while not self.accept("}"):
            statements.append(self.statement())
        return statements

    def statement(self):
        word = self.peek()[1]
        if word == "input" and self.peek(1)[0] == "name":
            self.next()
            name = self.name()
            self.expect(":")
            return ("input", name, self.expression(), self.named())
        if word == "output" and self.peek(1)[0] == "name":
            self.next()
            name = self.name()
            self.expect("=")
            return ("output", name, self.expression(), self.named())
        if self.accept("for"):
            name = self.name()
            self.expect("in")
            return ("for", name, self.expression(), self.body())
        if self.accept("if"):
            return self.condition()
        if self.accept("return"):
            return ("return", self.sequence())
        if self.accept("weights"):
            return ("weights", self.choice(), self.named())
        if self.accept("labels"):
            return ("labels", self.expression())
        if self.accept("assert"):
            condition = self.expression()
            if self.accept(","):
                self.choice()
            return ("assert", condition)
        name = self.name()
        self.expect("=")
        return ("bind", name, self.expression())

    def condition(self):
        test, yes, no = self.expression(), self.body(), []
        if self.accept("else"):
            no = [self.condition()] if self.accept("if") else self.body()
        return ("if", test, yes, no)

    def named(self):
        result = {}
        while self.accept(","):
            name = self.name()
            self.expect("=")
            result[name] = self.expression()
        return result

    def sequence(self):
        result = [self.expression()]
        while self.accept(","):
            result.append(self.expression())
        return result

    def expression(self):
        value = self.choice()
        while self.accept("->"):
            label = None
            if self.peek(1)[1] == ":" and self.peek()[0] in ("name", "string"):
                kind, text = self.next()
                label = ("string", [text]) if kind == "name" else self.string(text)
                self.expect(":")
            name = self.name()
            value = ("stage", value, label, name, self.arguments() if self.accept("(") else [])
        return value

    def choice(self):
        if self.accept("if"):
            test = self.binary(0)
            self.expect("then")
            yes = self.choice()
            self.expect("else")
            return ("choice", test, yes, self.choice())
        return self.binary(0)

    LEVELS = [["or"], ["and"], ["<", ">", "<=", ">=", "==", "!="], [".."], ["+", "-"], ["*", "/", "%"]]

    def binary(self, level):
        if level == 2 and self.accept("not"):
            return ("unary", "not", self.binary(2))
        if level == len(self.LEVELS):
            return self.unary()
        value = self.binary(level + 1)
        while self.peek()[0] in ("op", "name") and self.peek()[1] in self.LEVELS[level]:
            op = self.next()[1]
            right = self.binary(level + 1)
            value = ("range", value, right) if op == ".." else ("binary", op, value, right)
        return value

    def unary(self):
        if self.accept("-"):
            return ("unary", "-", self.unary())
        value = self.atom()
        return ("binary", "^", value, self.unary()) if self.accept("^") else value

    def atom(self):
        kind, text = self.next()
        if kind == "number":
            return ("number", number(text))
        if kind == "string":
            return self.string(text)
        if kind == "size":
            return ("size", tuple(map(int, text.split("x"))))
        if text in ("true", "false"):
            return ("bool", text == "true")
        if text == "(":
            value = self.expression()
            self.expect(")")
            return value
        if text == "[":
            return ("list", [value for _, value in self.arguments("]")])
        if kind != "name":
            raise SyntaxError(f"unexpected {text!r}")
        return ("call", text, self.arguments()) if self.accept("(") else ("name", text)

    def arguments(self, end=")"):
        result = []
        while not self.accept(end):
            name = None
            if self.peek()[0] == "name" and self.peek(1)[1] == "=":
                name = self.name()
                self.next()
            result.append((name, self.expression()))
            if not self.accept(","):
                self.expect(end)
                break
        return result

    @staticmethod
    def string(text):
        parts = re.split(r"\{([^}]*)\}", text[1:-1])
        return ("string", [Parser(part).expression() if i % 2 else part for i, part in enumerate(parts)])


def parse(text):
    return Parser(text).file()
