#include <string.h>

#include "cli/completion.h"

/* As a file in $fpath the script is the function's body, and completes at once; read by `source`, it makes itself known. */
static const char head[] =
	"#compdef %s\n"
	"# zsh completion of %s, made by '%s completion zsh'.\n"
	"\n"
	"_%s_verbs()\n"
	"{\n"
	"\tlocal -a verbs=(\n";

static const char middle[] =
	"\t)\n"
	"\t_describe verb verbs\n"
	"}\n"
	"\n"
	"_%s()\n"
	"{\n"
	"\tif ((CURRENT == 2)); then\n"
	"\t\t_%s_verbs\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tshift words\n"
	"\t((CURRENT--))\n"
	"\tcase $words[1] in\n";

static const char tail[] =
	"\tesac\n"
	"}\n"
	"\n"
	"if [[ ${funcstack[1]} == _%s ]]; then\n"
	"\t_%s \"$@\"\n"
	"else\n"
	"\tcompdef _%s %s\n"
	"fi\n";

/* Inside single quotes, where _arguments and _describe take ':' and brackets for their own. */
static void print_escaped(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr(":[]\\", *text) != NULL)
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

/* ":what it is:how it is completed", as _arguments takes it. */
static void print_action(const pawl_program *program, const pawl_option *option, const char *placeholder, FILE *out)
{
	fputc(':', out);
	print_escaped(placeholder, out);
	fputc(':', out);
	switch (pawl_completion_kind_of(option)) {
	case PAWL_COMPLETE_NOTHING:
		break;
	case PAWL_COMPLETE_CHOICES:
		for (size_t i = 0; option->choices[i] != NULL; i++)
			fprintf(out, "%s%s", i > 0 ? " " : "(", option->choices[i]);
		fputc(')', out);
		break;
	case PAWL_COMPLETE_FILES:
		fputs("_files", out);
		break;
	case PAWL_COMPLETE_FOLDERS:
		fputs("_files -/", out);
		break;
	case PAWL_COMPLETE_VERBS:
		fprintf(out, "_%s_verbs", program->name);
		break;
	}
}

static void print_option(const pawl_program *program, const pawl_option *option, int *place, FILE *out)
{
	fputs(" \\\n\t\t\t'", out);
	if (pawl_option_is_operand(option)) {
		fprintf(out, "%d%s", ++*place, option->kind == PAWL_OPTION_OPTIONAL_OPERAND ? ":" : "");
		print_action(program, option, option->name, out);
	} else {
		fprintf(out, "%s--%s%s[", option->kind == PAWL_OPTION_LIST ? "*" : "", option->name,
		        option->kind == PAWL_OPTION_FLAG ? "" : "=");
		print_escaped(option->help, out);
		fputc(']', out);
		if (option->kind != PAWL_OPTION_FLAG)
			print_action(program, option, option->argument, out);
	}
	fputc('\'', out);
}

void pawl_completion_print_zsh(const pawl_program *program, FILE *out)
{
	const char *name = program->name;

	fprintf(out, head, name, name, name, name);
	for (size_t i = 0; program->commands[i] != NULL; i++) {
		fprintf(out, "\t\t'%s:", program->commands[i]->name);
		print_escaped(program->commands[i]->summary, out);
		fputs("'\n", out);
	}
	fprintf(out, middle, name, name);
	for (size_t i = 0; program->commands[i] != NULL; i++) {
		int place = 0;
		fprintf(out, "\t%s)\n\t\t_arguments", program->commands[i]->name);
		for (const pawl_option *option = program->commands[i]->options; option->kind != 0; option++)
			print_option(program, option, &place, out);
		fputs(" \\\n\t\t\t'--help[print the options of the verb]'\n\t\t;;\n", out);
	}
	fprintf(out, tail, name, name, name, name);
}
