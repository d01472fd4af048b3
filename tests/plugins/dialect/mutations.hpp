// SPDX-License-Identifier: Apache-2.0
// Changed copies of a request, the same ones in each run.
#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace gatehouse::test {

/// Calls check(text) with each byte of `full` changed, lost and doubled, and with `copies` texts
/// in which pieces are repeated at other places.
template <typename Check>
void each_mutation(const std::string& full, int copies, Check&& check) {
    std::mt19937 random(7);
    const std::string bytes = std::string("\0\x01\"\\{}[]:,0-9eE.tfn \n\x7f\xc3\xff", 25);
    for (std::size_t at = 0; at < full.size(); ++at) {
        std::string changed = full;
        changed[at] = bytes[random() % bytes.size()];
        check(changed);
        check(full.substr(0, at) + full.substr(at + 1));
        check(full.substr(0, at) + full[at] + full.substr(at));
    }
    for (int i = 0; i < copies; ++i) {
        std::string changed = full;
        for (unsigned times = random() % 5 + 1; times; --times) {
            const std::size_t from = random() % changed.size(), size = random() % 20,
                              to = random() % changed.size();
            changed.insert(to, changed.substr(from, size));
        }
        check(changed);
    }
}

}  // namespace gatehouse::test
