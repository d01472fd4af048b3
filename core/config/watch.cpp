// SPDX-License-Identifier: Apache-2.0
#include "core/config/watch.hpp"

#include <utility>

namespace gatehouse::core {

FileWatch::State FileWatch::look() const {
    struct stat found {};
    if (::stat(path_.c_str(), &found) != 0) return {};
    return {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

bool FileWatch::changed() {
    const State now = look();
    const bool settled = std::exchange(last_, now) == now;
    if (now == State{} || now == known_ || !settled) return false;
    known_ = now;
    return true;
}

}  // namespace gatehouse::core
