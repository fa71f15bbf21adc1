#include <stdbool.h>

#include "cli/completion.h"

/*
 * The script finds out what is to be completed, as one text, the key: "verbs"; "query options"; "query --format" for an
 * option's value; "query 0" for an operand, by its place. Its two long lists, what takes a value and what a key is completed
 * with, are made of the tables.
 *
 * '=' and ':' are words of their own to bash (COMP_WORDBREAKS), so "--format=csv" and "sqlite:shop.db" come as three.
 */
static const char head[] =
	"# bash completion of %s, made by '%s completion bash'.\n"
	"\n"
	"_%s_words()\n"
	"{\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$word\")\n"
	"}\n"
	"\n"
	"# _%s_files -f|-d: files, or folders.\n"
	"_%s_files()\n"
	"{\n"
	"\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$word\")\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"}\n"
	"\n"
	"_%s()\n"
	"{\n"
	"\tlocal verb=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]} option= place=0 key i\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	"\t\tcase \"$verb ${COMP_WORDS[i]}\" in\n"
	"\t\t''";

static const char middle[] =
	")\n"
	"\t\t\toption=${COMP_WORDS[i]}\n"
	"\t\t\t[[ ${COMP_WORDS[i + 1]} == '=' ]] && ((i++))\n"
	"\t\t\t((i++))\n"
	"\t\t\twhile [[ ${COMP_WORDS[i + 1]} == ':' ]]; do ((i += 2)); done\n"
	"\t\t\t((i < COMP_CWORD)) && option= # its value is there\n"
	"\t\t\t;;\n"
	"\t\t*' -'*) ;;\n"
	"\t\t*)\n"
	"\t\t\twhile [[ ${COMP_WORDS[i + 1]} == ':' ]]; do ((i += 2)); done\n"
	"\t\t\t((i < COMP_CWORD)) && ((place++))\n"
	"\t\t\t;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t[[ $word == [=:] ]] && word=\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\tkey=verbs\n"
	"\telif [[ -z $option && $word == -* ]]; then\n"
	"\t\tkey=\"$verb options\"\n"
	"\telse\n"
	"\t\tkey=\"$verb ${option:-$place}\"\n"
	"\tfi\n"
	"\tcase $key in\n";

static const char tail[] =
	"\tesac\n"
	"}\n"
	"\n"
	"complete -F _%s %s\n";

static bool has_value(const pawl_option *option)
{
	return !pawl_option_is_operand(option) && option->kind != PAWL_OPTION_FLAG;
}

static void print_verbs(const pawl_program *program, FILE *out)
{
	fprintf(out, "_%s_words '", program->name);
	for (size_t i = 0; program->commands[i] != NULL; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", program->commands[i]->name);
	fputs("' ;;\n", out);
}

static void print_choices(const pawl_program *program, const pawl_option *option, FILE *out)
{
	fprintf(out, "_%s_words '", program->name);
	for (size_t i = 0; option->choices[i] != NULL; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", option->choices[i]);
	fputs("' ;;\n", out);
}

/* What a key is completed with, behind "'query --format') ". */
static void print_answer(const pawl_program *program, const pawl_option *option, FILE *out)
{
	switch (pawl_completion_kind_of(option)) {
	case PAWL_COMPLETE_NOTHING:
		fputs(";;\n", out);
		break;
	case PAWL_COMPLETE_CHOICES:
		print_choices(program, option, out);
		break;
	case PAWL_COMPLETE_FILES:
		fprintf(out, "_%s_files -f ;;\n", program->name);
		break;
	case PAWL_COMPLETE_FOLDERS:
		fprintf(out, "_%s_files -d ;;\n", program->name);
		break;
	case PAWL_COMPLETE_VERBS:
		print_verbs(program, out);
		break;
	}
}

static void print_command(const pawl_program *program, const pawl_command *command, FILE *out)
{
	int place = 0;

	fprintf(out, "\t'%s options') _%s_words '", command->name, program->name);
	for (const pawl_option *option = command->options; option->kind != 0; option++)
		if (!pawl_option_is_operand(option))
			fprintf(out, "--%s ", option->name);
	fputs("--help' ;;\n", out);
	for (const pawl_option *option = command->options; option->kind != 0; option++) {
		if (pawl_option_is_operand(option))
			fprintf(out, "\t'%s %d') ", command->name, place++);
		else if (has_value(option))
			fprintf(out, "\t'%s --%s') ", command->name, option->name);
		else
			continue;
		print_answer(program, option, out);
	}
}

void pawl_completion_print_bash(const pawl_program *program, FILE *out)
{
	const char *name = program->name;

	fprintf(out, head, name, name, name, name, name, name);
	for (size_t i = 0; program->commands[i] != NULL; i++)
		for (const pawl_option *option = program->commands[i]->options; option->kind != 0; option++)
			if (has_value(option))
				fprintf(out, " | '%s --%s'", program->commands[i]->name, option->name);
	fputs(middle, out);
	fputs("\tverbs) ", out);
	print_verbs(program, out);
	for (size_t i = 0; program->commands[i] != NULL; i++)
		print_command(program, program->commands[i], out);
	fprintf(out, tail, name, name);
}
