// SPDX-License-Identifier: Apache-2.0
// Finds the name that a user probably meant.  Plain functions: [any thread].
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse {

/// The number of characters to insert, remove, replace or exchange with their neighbour, to make `a` from
/// `b`. The time is that of a.size() * b.size() steps: bound both.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            std::size_t best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = std::min({best, rows[i - 1][j] + 1, rows[i][j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = std::min(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    }
    return rows[a.size()][b.size()];
}

}  // namespace gatehouse
