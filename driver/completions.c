/* Turns the tables of the command line into completions of bash, zsh and fish. */
#include "driver/completions.h"

#include <stdbool.h>
#include <string.h>

#include "driver/option_table.h"
#include "lexer/messages.h"

/* Some of the names that --cpu takes: LLVM knows over a hundred. */
static const char processors[] =
    "native x86-64 x86-64-v2 x86-64-v3 x86-64-v4 haswell skylake skylake-avx512 icelake-server "
    "sapphirerapids znver1 znver2 znver3 znver4 znver5";

static bool is_long(const struct option *option) {
    return option->text[1] == '-';
}

static void print_words(FILE *stream, const struct option *option) {
    for (const struct option_word *word = option->words; word->text; word++)
        fprintf(stream, "%s%s", word == option->words ? "" : " ", word->text);
}

/* The codes of all messages, or of warnings alone. */
static void print_codes(FILE *stream, bool warnings) {
    const char *gap = "";
    for (int i = 0; i < MESSAGE_COUNT; i++)
        if (!warnings || messages[i].code[0] == 'W') {
            fprintf(stream, "%s%s", gap, messages[i].code);
            gap = " ";
        }
}

/* The first words, each once: usages of one command stand together. */
static void print_commands(FILE *stream) {
    const char *last = NULL;
    for (const struct usage *usage = usage_table; usage->arguments; usage++)
        if (usage->word && (!last || strcmp(usage->word, last))) {
            fprintf(stream, "%s%s", last ? " " : "", usage->word);
            last = usage->word;
        }
}

/* Text within single quotes; `before` makes what follows it no sign of the shell's. */
static void print_quoted(FILE *stream, const char *text, const char *special, const char *quote) {
    for (; *text; text++) {
        if (*text == '\'') {
            fputs(quote, stream);
            continue;
        }
        if (strchr(special, *text))
            fputc('\\', stream);
        fputc(*text, stream);
    }
}

/* --- bash --- */

static const char bash_head[] =
    "# Completion of cnnc in bash, written by cnnc --completions=bash.\n"
    "_cnnc_add() {\n"
    "    mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY\n"
    "}\n"
    "# Files that match one of the patterns, and folders.\n"
    "_cnnc_files() {\n"
    "    local pattern\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    for pattern in \"${@:2}\"; do\n"
    "        _cnnc_add < <(compgen -f -X \"!$pattern\" -- \"$1\")\n"
    "    done\n"
    "    _cnnc_add < <(compgen -d -- \"$1\")\n"
    "}\n"
    "_cnnc_weights() {\n"
    "    _cnnc_files \"$1\" '*'\n"
    "    _cnnc_add < <(compgen -W random: -- \"$1\")\n"
    "    [[ ${COMPREPLY[*]} == random: ]] && compopt +o filenames -o nospace 2>/dev/null\n"
    "}\n"
    "_cnnc() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} joined=\n"
    "    COMPREPLY=()\n"
    "    # bash makes \"=\" a word of its own\n"
    "    if [[ $word == = ]]; then\n"
    "        word='' joined='='\n"
    "    elif [[ $option == = ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]} joined='='\n"
    "    fi\n"
    "    case $option$joined in\n";

/* What completes an option's argument; "" where nothing can. */
static void bash_action(FILE *stream, const struct option *option) {
    switch (option->takes) {
    case TAKES_WORD:
    case TAKES_WORD_OR_NOTHING:
        fputs("_cnnc_add < <(compgen -W '", stream);
        print_words(stream, option);
        fputs("' -- \"$word\");", stream);
        break;
    case TAKES_CPU:
        fprintf(stream, "_cnnc_add < <(compgen -W '%s' -- \"$word\");", processors);
        break;
    case TAKES_CODES: /* the last of a list */
        fputs("_cnnc_add < <(compgen -P \"${word%\"${word##*,}\"}\" -W '", stream);
        print_codes(stream, true);
        fputs("' -- \"${word##*,}\");", stream);
        break;
    case TAKES_FILE:
        fputs("_cnnc_files \"$word\" '*';", stream);
        break;
    case TAKES_WEIGHTS:
        fputs("_cnnc_weights \"$word\";", stream);
        break;
    case TAKES_TEXT:
    case TAKES_NOTHING:
        break;
    }
}

static void bash_argument(FILE *stream, const struct option *option) {
    if (option->takes == TAKES_NOTHING)
        return;
    fputs("    ", stream);
    if (option->takes != TAKES_WORD_OR_NOTHING)
        fprintf(stream, "%s%s", option->text, is_long(option) ? " | " : "");
    if (is_long(option))
        fprintf(stream, "%s=", option->text);
    fputs(") ", stream);
    bash_action(stream, option);
    fputs(" return 0 ;;\n", stream);
}

static void bash_options(FILE *stream) {
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &option_table[i];
        bool joined = is_long(option) && option->takes != TAKES_NOTHING;
        if (option->takes == TAKES_WORD_OR_NOTHING)
            fprintf(stream, " %s", option->text);
        if (joined)
            fprintf(stream, " %s=", option->text);
        else if (is_long(option) || !option->words)
            fprintf(stream, " %s", option->text);
        for (const struct option_word *word = option->words; word && !is_long(option) && word->text;
             word++)
            fprintf(stream, " %s%s", option->text, word->text);
    }
}

static void print_bash(FILE *stream) {
    fputs(bash_head, stream);
    for (int i = 0; i < OPTION_COUNT; i++)
        bash_argument(stream, &option_table[i]);
    fputs("    esac\n"
          "    if [[ $word == -* ]]; then\n"
          "        _cnnc_add < <(compgen -W '",
          stream);
    bash_options(stream);
    fputs("' -- \"$word\")\n"
          "        [[ ${#COMPREPLY[@]} == 1 && $COMPREPLY == *= ]] && compopt -o nospace "
          "2>/dev/null\n"
          "        return 0\n"
          "    fi\n"
          "    if [[ ${COMP_WORDS[1]} == import ]]; then\n"
          "        _cnnc_files \"$word\" '*.onnx'\n"
          "    else\n"
          "        _cnnc_files \"$word\" '*.cnn' '*.onnx'\n"
          "    fi\n"
          "    ((COMP_CWORD == 1)) && _cnnc_add < <(compgen -W '",
          stream);
    print_commands(stream);
    fputs("' -- \"$word\")\n"
          "    ((COMP_CWORD == 2)) && [[ $option == explain ]] && _cnnc_add < <(compgen -W '",
          stream);
    print_codes(stream, false);
    fputs("' -- \"$word\")\n"
          "    return 0\n"
          "}\n"
          "complete -F _cnnc cnnc\n",
          stream);
}

/* --- zsh --- */

static void zsh_argument(FILE *stream, const struct option *option) {
    static const char *const places[] = {[TAKES_TEXT] = " ",
                                         [TAKES_FILE] = "_files",
                                         [TAKES_WEIGHTS] = "{_files; compadd -S \"\" random\\:}"};
    const char *colons = option->takes == TAKES_WORD_OR_NOTHING ? "::" : ":";
    fprintf(stream, "%sargument:", colons);
    if (option->words || option->takes == TAKES_CPU || option->takes == TAKES_CODES) {
        fputc('(', stream);
        if (option->words)
            print_words(stream, option);
        else if (option->takes == TAKES_CPU)
            fputs(processors, stream);
        else
            print_codes(stream, true);
        fputc(')', stream);
    } else {
        fputs(places[option->takes], stream);
    }
}

static void zsh_option(FILE *stream, const struct option *option) {
    const char *joint = "";
    if (option->takes == TAKES_WORD_OR_NOTHING)
        joint = "=-";
    else if (option->takes != TAKES_NOTHING)
        joint = is_long(option) ? "=" : "+";
    fprintf(stream, "        '*%s%s[", option->text, joint);
    print_quoted(stream, option->help, "[]\\:", "'\\''");
    fputc(']', stream);
    if (option->takes != TAKES_NOTHING)
        zsh_argument(stream, option);
    fputs("' \\\n", stream);
}

static void print_zsh(FILE *stream) {
    fputs("#compdef cnnc\n"
          "# Completion of cnnc in zsh, written by cnnc --completions=zsh.\n"
          "_cnnc_file() {\n"
          "    _files -g '*.(cnn|onnx)'\n"
          "    ((CURRENT == 2)) && compadd ",
          stream);
    print_commands(stream);
    fputs("\n    [[ $words[2] == explain ]] && ((CURRENT == 3)) && compadd ", stream);
    print_codes(stream, false);
    fputs("\n    return 0\n}\n_arguments -S \\\n", stream);
    for (int i = 0; i < OPTION_COUNT; i++)
        zsh_option(stream, &option_table[i]);
    fputs("        '*:network:_cnnc_file'\n", stream);
}

/* --- fish --- */

static void fish_argument(FILE *stream, const struct option *option) {
    switch (option->takes) {
    case TAKES_NOTHING:
        break;
    case TAKES_WORD:
    case TAKES_WORD_OR_NOTHING: /* without -x fish completes it behind "=" only */
        fputs(option->takes == TAKES_WORD ? " -x -a '" : " -a '", stream);
        print_words(stream, option);
        fputc('\'', stream);
        break;
    case TAKES_CPU:
        fprintf(stream, " -x -a '%s'", processors);
        break;
    case TAKES_CODES:
        fputs(" -x -a '", stream);
        print_codes(stream, true);
        fputc('\'', stream);
        break;
    case TAKES_TEXT:
        fputs(" -x", stream);
        break;
    case TAKES_FILE:
        fputs(" -r -F", stream);
        break;
    case TAKES_WEIGHTS:
        fputs(" -r -F -a random:", stream);
        break;
    }
}

static void fish_option(FILE *stream, const struct option *option) {
    const char *kind = is_long(option) ? "-l" : option->text[2] ? "-o" : "-s";
    fprintf(stream, "complete -c cnnc %s %s", kind, option->text + (is_long(option) ? 2 : 1));
    fish_argument(stream, option);
    fputs(" -d '", stream);
    print_quoted(stream, option->help, "\\", "\\'");
    fputs("'\n", stream);
}

static void print_fish(FILE *stream) {
    fputs("# Completion of cnnc in fish, written by cnnc --completions=fish.\n"
          "complete -c cnnc -f\n"
          "complete -c cnnc -n 'not string match -q -- \"-*\" (commandline -ct)' -k "
          "-a '(__fish_complete_suffix .cnn; __fish_complete_suffix .onnx)'\n"
          "complete -c cnnc -n __fish_use_subcommand -a '",
          stream);
    print_commands(stream);
    fputs("'\ncomplete -c cnnc -n '__fish_seen_subcommand_from explain' -a '", stream);
    print_codes(stream, false);
    fputs("'\n", stream);
    for (int i = 0; i < OPTION_COUNT; i++)
        fish_option(stream, &option_table[i]);
}

void print_completions(FILE *stream, enum shell shell) {
    static void (*const prints[])(FILE *) = {
        [SHELL_BASH] = print_bash, [SHELL_ZSH] = print_zsh, [SHELL_FISH] = print_fish};
    prints[shell](stream);
}
