// SPDX-License-Identifier: Apache-2.0
// `gatehouse hash-key`: prints the hash of a client's key for the configuration, so that a
// reader of the file cannot use the key.
#include "core/cli/key_digest.hpp"
#include "core/cli/output.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_key_bytes = 4096;

/// Hides typed characters on the terminal during its lifetime.
class SilentTerminal {
public:
    SilentTerminal() {
        if (!::isatty(STDIN_FILENO) || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &silent) == 0;
        std::cerr << "key: " << std::flush;
    }
    ~SilentTerminal() {
        if (!changed_) return;
        ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        std::cerr << std::endl;
    }

private:
    termios before_{};
    bool changed_ = false;
};

/// Returns the first line of standard input, up to one byte more than the longest key.
std::string read_key() {
    const SilentTerminal silent;
    std::string key;
    for (char c; key.size() <= max_key_bytes && std::cin.get(c) && c != '\n';) key += c;
    if (key.ends_with('\r')) key.pop_back();
    return key;
}

}  // namespace

int hash_key(const std::optional<std::string>& given) {
    const std::string key = given ? *given : read_key();
    if (key.empty())
        return fail(exit_status::usage, "no key was given; write it as one line to standard input");
    if (key.size() > max_key_bytes)
        return fail(exit_status::usage, "a key may have at most " + std::to_string(max_key_bytes) + " bytes");
    std::cout << key_digest(key) << std::endl;
    return exit_status::ok;
}

}  // namespace gatehouse::core
