// SPDX-License-Identifier: Apache-2.0
// Prints the text that abi_test compares, to write a new golden file.
#include "tests/abi/abi_text.hpp"

#include <iostream>

int main() { std::cout << abi_text(); }
