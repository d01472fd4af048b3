// SPDX-License-Identifier: Apache-2.0
// Prints what abi_test compares: to write the golden file anew.
#include "tests/abi/abi_text.hpp"

#include <iostream>

int main() { std::cout << abi_text(); }
