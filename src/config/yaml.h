/*
 * config/yaml.h: a YAML file as a tree of texts, lists and mappings that know where they stand; read with libyaml.
 *
 *     PAWL_CLEANUP(pawl_yaml_free) pawl_yaml_file file = {.name = "shop.yaml"};
 *     PAWL_TRY(pawl_yaml_parse(&file, text, length, error));
 *     for (const pawl_yaml *entry = file.root->first; entry != NULL; entry = entry->next)
 *         if (strcmp(entry->key->text, "source") != 0)
 *             return pawl_yaml_fail(&file, entry->key, error, "unknown setting '%s'", entry->key->text);
 *
 * Every scalar is its text: `no` and `2024-01-01` are nothing else. Refused, with line and column: a key that is there
 * twice, a key that is no text, anchors and aliases (so that no small file becomes a large tree), tags, a second document, NUL,
 * text that is not UTF-8, more than 16 levels, more than 10,000 entries at one place.
 *
 * libyaml allocates with malloc; all that is kept of it is copied into the file's arena.
 */
#ifndef PAWL_CONFIG_YAML_H
#define PAWL_CONFIG_YAML_H

#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"

typedef enum pawl_yaml_kind {
	PAWL_YAML_NOTHING, /* no value, '~' or 'null', without quotes */
	PAWL_YAML_TEXT,
	PAWL_YAML_LIST,
	PAWL_YAML_MAPPING
} pawl_yaml_kind;

typedef struct pawl_yaml pawl_yaml;

struct pawl_yaml {
	pawl_yaml_kind kind;
	int line, column;       /* from 1 */
	const char *text;       /* of PAWL_YAML_TEXT, and of PAWL_YAML_NOTHING as it is written; else "" */
	const pawl_yaml *first; /* of a list or mapping; NULL: it is empty */
	const pawl_yaml *next;  /* in the same list or mapping */
	const pawl_yaml *key;   /* in a mapping: a text, or nothing; NULL in a list */
};

typedef struct pawl_yaml_file {
	const char *name; /* for errors; borrowed */
	pawl_arena arena;
	const pawl_yaml *root; /* never NULL once parsed; an empty file is PAWL_YAML_NOTHING */
} pawl_yaml_file;

/* The text need not end in NUL. PAWL_INVALID names the file, line and column, and shows nothing of the text but keys. */
pawl_status pawl_yaml_parse(pawl_yaml_file *file, const char *text, size_t length, pawl_error *error);
void pawl_yaml_free(pawl_yaml_file *file);

/* PAWL_INVALID: "shop.yaml:7:5: ..." */
pawl_status pawl_yaml_fail(const pawl_yaml_file *file, const pawl_yaml *node, pawl_error *error, const char *format, ...)
	PAWL_PRINTF(4, 5);

/* Puts the place in front of an error that is there, unless that is another than PAWL_INVALID. Returns its status. */
pawl_status pawl_yaml_locate(const pawl_yaml_file *file, const pawl_yaml *node, pawl_error *error);

#endif
