// SPDX-License-Identifier: Apache-2.0
#include "core/config/watch.hpp"

#include <utility>

namespace gatehouse::core {

std::vector<FileWatch::State> FileWatch::look() const {
    std::vector<State> states;
    for (const std::filesystem::path& path : paths_) {
        struct stat found {};
        State& state = states.emplace_back();
        if (::stat(path.c_str(), &found) == 0)
            state = {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
    }
    return states;
}

bool FileWatch::changed() {
    const std::vector<State> now = look();
    if (std::exchange(last_, now) != now) return false;
    bool any = false;
    for (std::size_t i = 0; i < now.size(); ++i)
        if (now[i] != State{} && now[i] != known_[i]) {
            known_[i] = now[i];
            any = true;
        }
    return any;
}

}  // namespace gatehouse::core
