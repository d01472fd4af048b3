// SPDX-License-Identifier: Apache-2.0
// Runs the real binary with a configuration in a folder of its own.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

namespace gatehouse::core::test {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        char name[] = "/tmp/gatehouse-commands-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { fs::remove_all(path); }
    std::string file(const std::string& name, const std::string& content) const {
        std::ofstream(path / name) << content;
        return (path / name).string();
    }
    fs::path path;
};

inline std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
}

struct Outcome {
    int status = -1;
    std::string out, err;
};

/// Runs the binary by a shell; `input` is its standard input.
inline Outcome run(const std::string& arguments, const std::string& input = "") {
    const Folder folder;
    const std::string in = folder.file("in", input), out = folder.path / "out", err = folder.path / "err";
    const int status =
        std::system(("exec " GATEHOUSE " " + arguments + " <" + in + " >" + out + " 2>" + err).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content_of(out),
            content_of(err)};
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A configuration that any build can load: an authenticator is not needed on
/// the loopback address only if no other client can connect.
inline std::string configuration(const std::string& more = "") {
    return "[server]\nlisten = \"127.0.0.1:0\"\nallow_anonymous = true\n[log]\nfile = \"gatehouse.log\"\n"
           "[provider.greeter]\nuse = \"hello\"\n"
           "[mapper.models]\nuse = \"table\"\nmodels = { hello = \"greeter/any\" }\n[dialect.openai]\nuse = "
           "\"openai\"\n" +
           more;
}

/// `gatehouse serve`, until it is told to end.
class Serving {
public:
    explicit Serving(const std::string& config) {
        child_ = ::fork();
        if (child_ == 0) {
            ::execl(GATEHOUSE, "gatehouse", "serve", "-c", config.c_str(), nullptr);
            ::_exit(127);
        }
    }
    ~Serving() {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
    }
    pid_t process() const { return child_; }
    void send(int signal) const { ::kill(child_, signal); }
    int wait() {
        int status = 0;
        ::waitpid(std::exchange(child_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t child_;
};

/// Whether `file` holds `text` within a time that is enough for the slowest machine.
inline bool comes(const fs::path& file, const std::string& text) {
    for (int i = 0; i < 6000; ++i) {
        if (contains(content_of(file), text)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

}  // namespace gatehouse::core::test
