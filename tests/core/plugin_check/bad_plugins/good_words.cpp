// SPDX-License-Identifier: Apache-2.0
// No defect: this one keeps the contract.
#include "words.hpp"

using namespace gatehouse;

GATEHOUSE_PLUGIN(bad::Backend<bad::Words>, bad::Options, bad::fields, "good_words", "1.0.0");
