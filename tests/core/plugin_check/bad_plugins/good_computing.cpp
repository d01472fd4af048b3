// SPDX-License-Identifier: Apache-2.0
// No defect: this local provider keeps the contract.
#include "computing.hpp"

using namespace gatehouse;

GATEHOUSE_PLUGIN(bad::Computing, bad::NoOptions, bad::no_fields, "good_computing", "1.0.0");
