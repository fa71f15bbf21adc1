/* google.protobuf.Timestamp, as protobuf-c's generator writes it. */
#include <google/protobuf/timestamp.pb-c.c>
