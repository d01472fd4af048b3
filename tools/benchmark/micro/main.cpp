// SPDX-License-Identifier: Apache-2.0
// Micro-benchmarks of single steps.  `./tools/bench --micro` builds and runs them.
#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
