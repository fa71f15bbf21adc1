/* protocol/fivetran/numbers.h: the numbers of fields that are read and written by hand (connector_sdk.proto, common.proto). */
#ifndef PAWL_PROTOCOL_FIVETRAN_NUMBERS_H
#define PAWL_PROTOCOL_FIVETRAN_NUMBERS_H

enum { PAWL_ENTRY_KEY = 1, PAWL_ENTRY_VALUE = 2 };

/* Record */
enum {
	PAWL_RECORD_SCHEMA = 1,
	PAWL_RECORD_TABLE = 2,
	PAWL_RECORD_TYPE = 3,
	PAWL_RECORD_DATA = 4,
	PAWL_RECORD_ROW_DATA = 5 /* of newer SDKs, when a variable of the environment asks for it */
};

/* Records */
enum { PAWL_RECORDS_RECORD = 1 };

/* UpdateResponse */
enum {
	PAWL_UPDATE_RECORD = 1,
	PAWL_UPDATE_SCHEMA_CHANGE = 2,
	PAWL_UPDATE_CHECKPOINT = 3,
	PAWL_UPDATE_WARNING = 4,
	PAWL_UPDATE_TASK = 5,
	PAWL_UPDATE_RECORDS = 6,
	PAWL_UPDATE_UNSTRUCTURED = 7
};

/* Checkpoint, Warning and Task have one text. */
enum { PAWL_TEXT = 1 };

/* ValueType */
enum {
	PAWL_INNER_NULL = 1,
	PAWL_INNER_BOOL = 2,
	PAWL_INNER_SHORT = 3,
	PAWL_INNER_INT = 4,
	PAWL_INNER_LONG = 5,
	PAWL_INNER_FLOAT = 6,
	PAWL_INNER_DOUBLE = 7,
	PAWL_INNER_NAIVE_DATE = 8,
	PAWL_INNER_NAIVE_DATETIME = 9,
	PAWL_INNER_UTC_DATETIME = 10,
	PAWL_INNER_DECIMAL = 11,
	PAWL_INNER_BINARY = 12,
	PAWL_INNER_STRING = 13,
	PAWL_INNER_JSON = 14,
	PAWL_INNER_XML = 15,
	PAWL_INNER_NAIVE_TIME = 16
};

#endif
