/* tests/fuzz/fuzz.h: what libFuzzer calls (llvm.org, "libFuzzer"), and replay.c with the files of a corpus. */
#ifndef PAWL_TESTS_FUZZ_H
#define PAWL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
