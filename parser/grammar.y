/* Turns tokens into the syntax tree: the grammar of the language, LALR(1) without a conflict. Every
 * action is one call of a constructor in build.h; recovery from mistakes is in reader.c. */
%require "3.8"
%define api.pure full
%define api.prefix {grammar_}
%define api.token.prefix {GRAMMAR_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct parser *parser}

%code requires {
#include "parser/build.h"
}

%code {
/* The whole stack at once: what needs more is nested too deeply, and nothing is allocated. */
#define YYINITDEPTH 2000
#define YYMAXDEPTH 2000

#define YYLLOC_DEFAULT(result, parts, count)                                                       \
    do {                                                                                           \
        if (count) {                                                                               \
            (result) = span_join(YYRHSLOC(parts, 1), YYRHSLOC(parts, count));                      \
        } else {                                                                                   \
            (result) = YYRHSLOC(parts, 0);                                                         \
            (result).start = (result).end;                                                         \
        }                                                                                          \
    } while (0)

static int grammar_lex(GRAMMAR_STYPE *value, struct span *span, struct parser *parser);
static void grammar_error(const struct span *span, struct parser *parser, const char *message);
}

%initial-action {
    @$ = (struct span){.source = parser->file->source};
}

%union {
    struct token token;
    struct expression *expression;
    struct argument *argument;
    struct argument_list arguments;
    struct string_piece *piece;
    struct string_piece_list pieces;
    struct statement *statement;
    struct statement_list statements;
    struct parameter_declaration *parameter;
    struct parameter_declaration_list parameters;
    struct item *item;
    struct filter_literal *filter;
    struct filter_plane *plane;
    struct filter_plane_list planes;
    struct filter_row *row;
    struct filter_row_list rows;
    struct filter_number_list numbers;
    double number;
}

/* An alias with a space describes its token in messages, one without is quoted as it stands. */
%token END 0 "end of file"
%token <token> NAME "a name" INTEGER "an integer" FLOAT "a float" SIZE "a size"
%token STRING_BEGIN "a string" STRING_END "end of string"
%token <token> TEXT "text of a string"
%token INTERPOLATION_BEGIN "'{' in a string" INTERPOLATION_END "'}' in a string"
%token IMPORT "import" FILTER "filter" BLOCK "block" NETWORK "network"
%token INPUT "input" OUTPUT "output" FOR "for" IN "in" IF "if" ELSE "else" THEN "then"
%token RETURN "return" WEIGHTS "weights" LABELS "labels" ASSERT "assert"
%token AND "and" OR "or" NOT "not" TRUE "true" FALSE "false"
%token ARROW "->" RANGE ".." LESS_EQUAL "<=" GREATER_EQUAL ">=" EQUAL "==" NOT_EQUAL "!="
%token LESS "<" GREATER ">" ASSIGN "=" PLUS "+" MINUS "-" TIMES "*" DIVIDE "/" REMAINDER "%"
%token POWER "^" BAR "|" COMMA "," COLON ":" SEMICOLON ";"
%token PARENTHESIS_OPEN "(" PARENTHESIS_CLOSE ")" BRACKET_OPEN "[" BRACKET_CLOSE "]"
%token BRACE_OPEN "{" BRACE_CLOSE "}"

%type <item> item
%type <filter> filter
%type <plane> plane
%type <planes> planes
%type <row> row
%type <rows> rows
%type <numbers> numbers
%type <number> signed unsigned scale
%type <parameters> parameters parameter_list
%type <parameter> parameter
%type <statements> statements
%type <statement> statement if_statement body otherwise
%type <arguments> attributes values arguments argument_list
%type <argument> argument
%type <expression> expr stage call choice or and not compare range sum term unary power atom string
%type <pieces> pieces
%type <piece> piece

%%

file : items ;

items
    : %empty
    | items item { add_item(parser, $item); }
    | items error { recover_to_item(parser, @error); yyclearin; yyerrok; }
    ;

item
    : "import" string { $$ = new_import(parser, @$, $string); }
    | NAME "=" expr { $$ = new_constant_item(parser, @$, $NAME, $expr); }
    | "filter" NAME "=" filter { $$ = new_filter(parser, @$, $NAME, $4); }
    | "block" NAME "(" parameters ")" body
        { $$ = new_block(parser, @$, $NAME, $parameters.first, $body); }
    | "network" NAME body { $$ = new_network(parser, @$, $NAME, NULL, $body); }
    | "network" NAME "(" parameters ")" body
        { $$ = new_network(parser, @$, $NAME, $parameters.first, $body); }
    ;

filter
    : "[" planes "]" { $$ = new_filter_literal(parser, @$, 1, $planes.first); }
    | scale "*" "[" planes "]" { $$ = new_filter_literal(parser, @$, $scale, $planes.first); }
    ;

scale
    : signed
    | signed "/" unsigned { $$ = filter_scale(parser, @$, $signed, $unsigned); }
    ;

planes
    : plane { $$ = append_filter_plane((struct filter_plane_list){0}, $plane); }
    | planes "|" plane { $$ = append_filter_plane($1, $plane); }
    ;

plane : rows { $$ = new_filter_plane(parser, @$, $rows.first); } ;

rows
    : row { $$ = append_filter_row((struct filter_row_list){0}, $row); }
    | rows ";" row { $$ = append_filter_row($1, $row); }
    ;

row : numbers { $$ = new_filter_row(parser, @$, $numbers.first); } ;

numbers
    : signed
        {
            $$ = append_filter_number((struct filter_number_list){0},
                                      new_filter_number(parser, $signed));
        }
    | numbers signed { $$ = append_filter_number($1, new_filter_number(parser, $signed)); }
    ;

signed
    : unsigned
    | "-" unsigned { $$ = -$unsigned; }
    ;

unsigned
    : INTEGER { $$ = (double)$INTEGER.integer; }
    | FLOAT { $$ = $FLOAT.number; }
    ;

parameters
    : %empty { $$ = (struct parameter_declaration_list){0}; }
    | parameter_list
    | parameter_list ","
    ;

parameter_list
    : parameter
        { $$ = append_parameter_declaration((struct parameter_declaration_list){0}, $parameter); }
    | parameter_list "," parameter { $$ = append_parameter_declaration($1, $parameter); }
    ;

parameter
    : NAME { $$ = new_parameter(parser, $NAME, NULL); }
    | NAME "=" expr { $$ = new_parameter(parser, $NAME, $expr); }
    ;

body : "{" statements "}" { $$ = $statements.first; } ;

statements
    : %empty { $$ = (struct statement_list){0}; }
    | statements statement { $$ = append_statement($1, $statement); }
    | statements error { $$ = $1; recover_to_statement(parser, @error); yyclearin; yyerrok; }
    ;

statement
    : "input" NAME ":" expr attributes
        { $$ = new_input(parser, @$, $NAME, $expr, $attributes.first); }
    | "output" NAME "=" expr attributes
        { $$ = new_output(parser, @$, $NAME, $expr, $attributes.first); }
    | NAME "=" expr { $$ = new_binding(parser, @$, $NAME, $expr); }
    | "for" NAME "in" range body { $$ = new_for(parser, @$, $NAME, $range, $body); }
    | if_statement
    | "return" values { $$ = new_return(parser, @$, $values.first); }
    | "weights" string attributes { $$ = new_weights(parser, @$, $string, $attributes.first); }
    | "labels" expr { $$ = new_labels(parser, @$, $expr); }
    | "assert" expr { $$ = new_assert(parser, @$, $expr, NULL); }
    | "assert" expr "," string { $$ = new_assert(parser, @$, $expr, $string); }
    ;

if_statement : "if" expr body otherwise { $$ = new_if(parser, @$, $expr, $body, $otherwise); } ;

otherwise
    : %empty { $$ = NULL; }
    | "else" body { $$ = $body; }
    | "else" if_statement { $$ = $if_statement; }
    ;

attributes
    : %empty { $$ = (struct argument_list){0}; }
    | attributes "," NAME "=" expr
        { $$ = append_argument($1, new_argument(parser, new_name($NAME), $expr)); }
    ;

values
    : expr
        {
            $$ = append_argument((struct argument_list){0},
                                 new_argument(parser, (struct name){0}, $expr));
        }
    | values "," expr { $$ = append_argument($1, new_argument(parser, (struct name){0}, $expr)); }
    ;

expr
    : choice
    | expr "->" stage { $$ = new_stage($1, $stage); }
    ;

stage
    : call
    | NAME ":" call { $$ = add_label(@$, new_label(parser, new_name($NAME)), $call); }
    | string ":" call { $$ = add_label(@$, $string, $call); }
    ;

call
    : NAME { $$ = new_call(parser, @$, new_name($NAME), NULL, false); }
    | NAME "(" arguments ")" { $$ = new_call(parser, @$, new_name($NAME), $arguments.first, true); }
    ;

choice
    : or
    | "if" expr "then" choice "else" choice { $$ = new_choice(parser, @$, $expr, $4, $6); }
    ;

or
    : and
    | or "or" and { $$ = new_binary(parser, @$, $1, OPERATOR_OR, @2, $3); }
    ;

and
    : not
    | and "and" not { $$ = new_binary(parser, @$, $1, OPERATOR_AND, @2, $3); }
    ;

not
    : compare
    | "not" not { $$ = new_unary(parser, @$, OPERATOR_NOT, @1, $2); }
    ;

compare
    : sum
    | range
    | sum "<" sum { $$ = new_binary(parser, @$, $1, OPERATOR_LESS, @2, $3); }
    | sum ">" sum { $$ = new_binary(parser, @$, $1, OPERATOR_GREATER, @2, $3); }
    | sum "<=" sum { $$ = new_binary(parser, @$, $1, OPERATOR_LESS_EQUAL, @2, $3); }
    | sum ">=" sum { $$ = new_binary(parser, @$, $1, OPERATOR_GREATER_EQUAL, @2, $3); }
    | sum "==" sum { $$ = new_binary(parser, @$, $1, OPERATOR_EQUAL, @2, $3); }
    | sum "!=" sum { $$ = new_binary(parser, @$, $1, OPERATOR_NOT_EQUAL, @2, $3); }
    ;

range : sum ".." sum { $$ = new_range(parser, @$, $1, @2, $3); } ;

sum
    : term
    | sum "+" term { $$ = new_binary(parser, @$, $1, OPERATOR_ADD, @2, $3); }
    | sum "-" term { $$ = new_binary(parser, @$, $1, OPERATOR_SUBTRACT, @2, $3); }
    ;

term
    : unary
    | term "*" unary { $$ = new_binary(parser, @$, $1, OPERATOR_MULTIPLY, @2, $3); }
    | term "/" unary { $$ = new_binary(parser, @$, $1, OPERATOR_DIVIDE, @2, $3); }
    | term "%" unary { $$ = new_binary(parser, @$, $1, OPERATOR_REMAINDER, @2, $3); }
    ;

unary
    : power
    | "-" unary { $$ = new_unary(parser, @$, OPERATOR_NEGATE, @1, $2); }
    ;

power
    : atom
    | atom "^" unary { $$ = new_binary(parser, @$, $1, OPERATOR_POWER, @2, $3); }
    ;

atom
    : INTEGER { $$ = new_integer(parser, $1); }
    | FLOAT { $$ = new_float(parser, $1); }
    | SIZE { $$ = new_size(parser, $1); }
    | string
    | "true" { $$ = new_boolean(parser, @$, true); }
    | "false" { $$ = new_boolean(parser, @$, false); }
    | NAME { $$ = new_name_use(parser, new_name($1)); }
    | NAME "(" arguments ")" { $$ = new_call(parser, @$, new_name($NAME), $arguments.first, true); }
    | "(" expr ")" { $$ = $expr; }
    | "[" values "]" { $$ = new_list(parser, @$, $values.first); }
    | "[" values "," "]" { $$ = new_list(parser, @$, $values.first); }
    ;

string : STRING_BEGIN pieces STRING_END { $$ = new_string(parser, @$, $pieces.first); } ;

pieces
    : %empty { $$ = (struct string_piece_list){0}; }
    | pieces piece { $$ = append_string_piece($1, $piece); }
    ;

piece
    : TEXT { $$ = new_text_piece(parser, $TEXT); }
    | INTERPOLATION_BEGIN expr INTERPOLATION_END { $$ = new_expression_piece(parser, $expr); }
    ;

arguments
    : %empty { $$ = (struct argument_list){0}; }
    | argument_list
    | argument_list ","
    ;

argument_list
    : argument { $$ = append_argument((struct argument_list){0}, $argument); }
    | argument_list "," argument { $$ = append_argument($1, $argument); }
    ;

argument
    : expr { $$ = new_argument(parser, (struct name){0}, $expr); }
    | NAME "=" expr { $$ = new_argument(parser, new_name($NAME), $expr); }
    ;

%%

/* A token that the lexer has reported enters recovery without another message. */
#define GRAMMAR_INVALID GRAMMAR_GRAMMAR_error

static int grammar_lex(GRAMMAR_STYPE *value, struct span *span, struct parser *parser) {
    static const int kinds[] = {
#define TOKEN(id, shown) [TOKEN_##id] = GRAMMAR_##id,
#include "lexer/tokens.def"
    };
    value->token = read_token(parser);
    *span = value->token.span;
    return kinds[value->token.kind];
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *parser) {
    yysymbol_kind_t kinds[YYNTOKENS];
    const char *names[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    if (count < 0) {
        return count;
    }
    for (int i = 0; i < count; i++) {
        names[i] = yysymbol_name(kinds[i]);
    }
    report_unexpected(parser, names, count);
    return 0;
}

/* Called only where the stack ends: syntax errors are reported above. */
static void grammar_error(const struct span *span, struct parser *parser, const char *message) {
    (void)message;
    stop_parsing(parser, *span, "nested too deeply");
}

struct file *parse_file(struct arena *arena, struct names *names, struct diagnostics *diagnostics,
                        const struct sources *sources, uint32_t source) {
    struct parser *parser = ARENA_NEW(arena, struct parser);
    *parser = (struct parser){
        .arena = arena,
        .names = names,
        .diagnostics = diagnostics,
        .sources = sources,
        .lexer = lexer_open(arena, names, diagnostics, sources, source),
        .file = ARENA_NEW(arena, struct file),
    };
    parser->file->source = source;
    grammar_parse(parser);
    return parser->file;
}
