// SPDX-License-Identifier: Apache-2.0
// A planted defect: the library crashes while it is loaded.
#include "words.hpp"

#include <csignal>

using namespace gatehouse;

namespace {
const int crashed = ::raise(SIGSEGV);
}

GATEHOUSE_PLUGIN(bad::Backend<bad::Words>, bad::Options, bad::fields, "crashes_at_load", "1.0.0");
