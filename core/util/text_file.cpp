// SPDX-License-Identifier: Apache-2.0
// Reads a small text file; see text_file.hpp.
#include "core/util/text_file.hpp"

#include "core/util/ascii.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gatehouse::core {

namespace {

struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

Error refused(std::string why) { return {ErrorKind::bad_config, std::move(why)}; }

}  // namespace

std::string system_message(int number) {
    std::string text = std::generic_category().message(number);
    if (!text.empty()) text[0] = to_lower(text[0]);
    return text;
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t max_bytes) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (file.number < 0) return refused(system_message(errno));
    struct stat info {};
    if (::fstat(file.number, &info) != 0) return refused(system_message(errno));
    if (S_ISDIR(info.st_mode)) return refused("is a directory, not a file");

    std::string text;
    char buffer[16 * 1024];
    for (;;) {
        const ssize_t count = ::read(file.number, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return refused(system_message(errno));
        if (count == 0) return text;
        text.append(buffer, static_cast<std::size_t>(count));
        if (text.size() > max_bytes) return refused("is larger than " + std::to_string(max_bytes) + " bytes");
    }
}

}  // namespace gatehouse::core
